//! Encryption at rest: a storage backend beneath redb, so that no table, journal or index needs to
//! know of it.
//!
//! The file is cut into units of 4096 bytes, which is redb's page. Unit 0 holds redb's header and
//! stays clear: roots and checksums, and the one-byte flag that makes a commit the current one; a
//! torn write there must not be able to touch more than redb reckons with. Every other unit is
//! encrypted on its own with AES-256-XTS, its number being the tweak, so that a write touches the
//! bytes redb wrote and no others.
//!
//! What it does not give: proof that nobody changed the file. XTS hides content; the checksums and
//! the journal's hash chain are what notice a change.

use std::fmt;
use std::io;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use redb::StorageBackend;

use super::engine::backend::{AnyBackend, locks_of};
use super::key::StoreKey;

/// Bytes encrypted together; redb writes everything but its header in whole multiples of it.
pub const UNIT: usize = 4_096;
const UNIT_BYTES: u64 = UNIT as u64;

const BLOCK: usize = 16;
/// Blocks handed to the cipher at once; it works on several in parallel.
const STRIDE: usize = 32;

type Block = aes::Block;

/// AES-256-XTS (IEEE 1619) over whole blocks.
///
/// Written here on the cipher's many-block calls because the crate for this mode goes block by
/// block, thirteen times slower (docs/decisions); it is the referee in the tests.
struct Xts {
    data: Aes256,
    tweak: Aes256,
}

impl Xts {
    fn new(data: &[u8; 32], tweak: &[u8; 32]) -> Self {
        Xts {
            data: Aes256::new(data.into()),
            tweak: Aes256::new(tweak.into()),
        }
    }

    fn seal(&self, unit: u64, bytes: &mut [u8]) {
        self.each_stride(unit, bytes, Aes256::encrypt_blocks);
    }

    fn open(&self, unit: u64, bytes: &mut [u8]) {
        self.each_stride(unit, bytes, Aes256::decrypt_blocks);
    }

    fn each_stride(&self, unit: u64, bytes: &mut [u8], turn: impl Fn(&Aes256, &mut [Block])) {
        debug_assert!(bytes.len().is_multiple_of(BLOCK), "only whole blocks");
        let mut first = Array(u128::from(unit).to_le_bytes());
        self.tweak.encrypt_block(&mut first);
        let mut mask = u128::from_le_bytes(first.0);
        let (blocks, _) = Block::slice_as_chunks_mut(bytes);
        for stride in blocks.chunks_mut(STRIDE) {
            let mut masks = [0; STRIDE];
            for slot in &mut masks {
                *slot = mask;
                mask = doubled(mask);
            }
            mix(stride, &masks);
            turn(&self.data, stride);
            mix(stride, &masks);
        }
    }
}

/// Times x in GF(2^128), without a branch on what is secret.
fn doubled(mask: u128) -> u128 {
    (mask << 1) ^ ((mask >> 127) * 0x87)
}

fn mix(blocks: &mut [Block], masks: &[u128; STRIDE]) {
    for (block, mask) in blocks.iter_mut().zip(masks) {
        block.0 = (u128::from_le_bytes(block.0) ^ mask).to_le_bytes();
    }
}

/// A backend whose file nobody can read without the key.
pub struct Vault {
    inner: AnyBackend,
    xts: Xts,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Encrypts what goes to `inner` with two keys derived from `key`.
    pub fn new(inner: AnyBackend, key: &StoreKey) -> Self {
        let data = key.derive("naru books data");
        let tweak = key.derive("naru books tweak");
        Vault {
            inner,
            xts: Xts::new(&data, &tweak),
        }
    }

    /// Decrypts whole units read from the position of unit `first`.
    fn open(&self, first: u64, bytes: &mut [u8]) {
        for (unit, bytes) in (first..).zip(bytes.chunks_exact_mut(UNIT)) {
            // Where the file grew and nothing was written yet it must read as zeros, and no
            // unit of redb's has a ciphertext of 4096 zeros.
            if bytes.iter().any(|byte| *byte != 0) {
                self.xts.open(unit, bytes);
            }
        }
    }

    fn read_sealed(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let first = offset / UNIT_BYTES;
        let before = within(offset);
        if before == 0 && out.len().is_multiple_of(UNIT) {
            self.inner.read(offset, out)?;
            self.open(first, out);
            return Ok(());
        }
        // redb does not read like this; the contract of a backend allows it.
        let mut whole = vec![0; (before + out.len()).next_multiple_of(UNIT)];
        self.inner.read(first * UNIT_BYTES, &mut whole)?;
        self.open(first, &mut whole);
        out.copy_from_slice(&whole[before..before + out.len()]);
        Ok(())
    }
}

/// How far into its unit a position is.
fn within(offset: u64) -> usize {
    // why: a remainder of 4096 fits any usize.
    usize::try_from(offset % UNIT_BYTES).expect("less than a unit")
}

impl StorageBackend for Vault {
    locks_of!(inner);

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset >= UNIT_BYTES {
            return self.read_sealed(offset, out);
        }
        let clear = out.len().min(UNIT - within(offset));
        let (clear, sealed) = out.split_at_mut(clear);
        self.inner.read(offset, clear)?;
        if sealed.is_empty() {
            return Ok(());
        }
        self.read_sealed(UNIT_BYTES, sealed)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset < UNIT_BYTES && data.len() <= UNIT - within(offset) {
            return self.inner.write(offset, data);
        }
        // A part of a unit would need the rest of it read and written again, and a torn write
        // could then harm bytes that redb did not write. redb does not ask for it.
        if offset < UNIT_BYTES || within(offset) != 0 || !data.len().is_multiple_of(UNIT) {
            let why = "a write that is neither in the header nor of whole pages";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let mut sealed = data.to_vec();
        for (unit, bytes) in (offset / UNIT_BYTES..).zip(sealed.chunks_exact_mut(UNIT)) {
            self.xts.seal(unit, bytes);
        }
        self.inner.write(offset, &sealed)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests;
