//! SHA-256 (FIPS 180-4), so that the tests hash with something that the checks do not bring.

/// Cube roots of the first 64 primes: the first 32 bits after the point.
const K: [u32; 64] = [
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// Square roots of the first eight primes: the first 32 bits after the point.
const START: [u32; 8] = [
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The SHA-256 of `message`.
pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
	let mut padded = message.to_vec();
	padded.push(0x80);
	padded.resize(padded.len().next_multiple_of(64), 0);
	if padded.len() - message.len() < 9 {
		padded.resize(padded.len() + 64, 0);
	}
	let end = padded.len() - 8;
	padded[end..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());

	let state = padded.chunks(64).fold(START, compress);
	let mut digest = [0; 32];
	for (to, word) in digest.chunks_mut(4).zip(state) {
		to.copy_from_slice(&word.to_be_bytes());
	}
	digest
}

fn compress(state: [u32; 8], block: &[u8]) -> [u32; 8] {
	let mut w = [0u32; 64];
	for (word, bytes) in w.iter_mut().zip(block.chunks(4)) {
		*word = u32::from_be_bytes(bytes.try_into().unwrap());
	}
	for t in 16..64 {
		let (x, y) = (w[t - 15], w[t - 2]);
		let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
		let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
		w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
	}
	let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
	for (k, w) in K.into_iter().zip(w) {
		let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
		let choice = (e & f) ^ (!e & g);
		let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(k).wrapping_add(w);
		let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
		let majority = (a & b) ^ (a & c) ^ (b & c);
		(h, g, f, e) = (g, f, e, d.wrapping_add(t1));
		(d, c, b, a) = (c, b, a, t1.wrapping_add(s0).wrapping_add(majority));
	}
	let sum = [a, b, c, d, e, f, g, h];
	core::array::from_fn(|i| state[i].wrapping_add(sum[i]))
}

#[test]
fn it_is_the_one_of_the_standard() {
	let hex = |digest: [u8; 32]| digest.map(|byte| format!("{byte:02x}")).concat();
	// The examples published with FIPS 180-4, and every length around the ends of blocks.
	assert_eq!(
		hex(sha256(b"abc")),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	);
	assert_eq!(
		hex(sha256(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
	);
	let lengths = (0..=260usize).map(|length| sha256(&vec![b'a'; length])).collect::<Vec<_>>();
	assert_eq!(
		hex(sha256(&lengths.concat())),
		"bb1d6350a010747691407a8d005ae593c312035fffd871290fbf5832f7c828ef"
	);
}
