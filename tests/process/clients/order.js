async function submitOrder(orderData) {
  const response = await fetch('https://api.payaction.app/order', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'x-api-key': process.env.PAYACTION_API_KEY,
      'x-mall-id': process.env.PAYACTION_MALL_ID
    },
    body: JSON.stringify({
      order_number: orderData.orderId,
      order_amount: orderData.amount,
      order_date: new Date().toISOString().replace('Z', '+09:00'),
      billing_name: orderData.depositName || orderData.customerName,
      orderer_name: orderData.customerName,
      orderer_phone_number: orderData.phone.replace(/-/g, ''),
      orderer_email: orderData.email
    })
  });
  
  const result = await response.json();
  
  if (result.status !== 'success') {
    throw new Error(`PayAction API 오류: ${result.response?.message}`);
  }
  
  return result;
}
