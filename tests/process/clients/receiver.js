app.post('/api/payaction-webhook', async (req, res) => {
  try {
    // 1. 웹훅 인증 검증
    const webhookKey = req.headers['x-webhook-key'];
    const mallId = req.headers['x-mall-id'];
    const traceId = req.headers['x-trace-id'];
    
    if (webhookKey !== process.env.PAYACTION_WEBHOOK_KEY) {
      return res.status(401).json({ error: 'Unauthorized' });
    }
    
    // 2. 웹훅 데이터 처리
    const webhookData = req.body;
    console.log('웹훅 수신:', webhookData);
    
    // 3. 비즈니스 로직 처리
    // 예: 주문 상태 업데이트, 라이센스 발급 등
    await processPaymentConfirmation(webhookData);
    
    // 4. 필수: 성공 응답 반환
    return res.status(200).json({ status: "success" });
    
  } catch (error) {
    console.error('웹훅 처리 오류:', error);
    // 에러시에도 성공 응답 반환 (재전송 방지)
    return res.status(200).json({ status: "success" });
  }
});
