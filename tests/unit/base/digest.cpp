// Digests and AES-GCM against the values of their standards.
#include "rawket/base/digest.hpp"

#include <gtest/gtest.h>

#include <set>

#include "../packet_test.hpp"
#include "rawket/base/aes_gcm.hpp"

namespace rawket {
namespace {

using namespace test;

std::string hex(Bytes bytes) { return hex_of(bytes); }
template <std::size_t N> std::array<u8, N> block(std::string_view digits) {
  std::array<u8, N> out{};
  std::ranges::copy(octets(std::string(digits)), out.begin());
  return out;
}

TEST(Digests, give_the_values_of_their_standards) {
  EXPECT_EQ(hex(md5({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(md5(as_bytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digests, of_any_size_differ) {
  std::set<std::string> seen;
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, 'a');
    seen.insert(hex(md5(as_bytes(text)))), seen.insert(hex(sha256(as_bytes(text))));
  }
  EXPECT_EQ(seen.size(), 400u);
}

TEST(Hmac, gives_the_values_of_rfc_4231) {
  EXPECT_EQ(hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::vector<u8> long_key(131, 0xaa);
  EXPECT_EQ(hex(hmac_sha256(long_key, as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(AesGcm, encrypts_the_block_of_fips_197) { EXPECT_EQ(hex(Aes128(block<16>("000102030405060708090a0b0c0d0e0f")).encrypt(block<16>("00112233445566778899aabbccddeeff"))), "69c4e0d86a7b0430d8cdb78070b4c55a"); }

TEST(AesGcm, opens_what_fits_its_tag_and_nothing_else) {
  const Aes128 key(block<16>("feffe9928665731c6d6a8f9467308308"));
  const auto nonce = block<12>("cafebabefacedbaddecaf888");
  const auto associated = octets("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  auto sealed = octets("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47");
  const auto plain = open_aes_gcm(key, nonce, associated, sealed);
  ASSERT_TRUE(plain);
  EXPECT_EQ(hex(*plain), "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  EXPECT_FALSE(open_aes_gcm(key, nonce, {}, sealed));
  sealed[7] ^= 1;
  EXPECT_FALSE(open_aes_gcm(key, nonce, associated, sealed));
  EXPECT_FALSE(open_aes_gcm(key, nonce, associated, Bytes(sealed).first(15)));
}

TEST(QuicKeys, are_those_of_rfc_9001) {
  const auto initial = hmac_sha256(octets("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), octets("8394c8f03e515708"));
  const auto client = expand_label(initial, "client in", 32);
  EXPECT_EQ(hex(client), "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
  EXPECT_EQ(hex(expand_label(client, "quic key", 16)), "1f369613dd76d5467730efcbe3b1a22d");
  EXPECT_EQ(hex(expand_label(client, "quic iv", 12)), "fa044b2f42a3fd3b46fb255c");
  EXPECT_EQ(hex(expand_label(client, "quic hp", 16)), "9f50449e04a0e810283a1e9933adedd2");
}

}  // namespace
}  // namespace rawket
