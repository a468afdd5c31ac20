// libssl and libcrypto, by their functions' names; bytes go through memory.
#include "tls_talk.hpp"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace rawket {
namespace {

constexpr int most_names = 16;

// OpenSSL 3's own names; what are macros in its headers is spelled out.
struct TlsLibrary {
  decltype(&::TLS_client_method) client_method = nullptr;
  decltype(&::SSL_CTX_new) context_new = nullptr;
  decltype(&::SSL_CTX_ctrl) context_control = nullptr;
  decltype(&::SSL_CTX_set_security_level) security_level = nullptr;
  decltype(&::SSL_new) ssl_new = nullptr;
  decltype(&::SSL_free) ssl_free = nullptr;
  decltype(&::SSL_ctrl) ssl_control = nullptr;
  decltype(&::SSL_set_bio) set_bio = nullptr;
  decltype(&::SSL_set_connect_state) set_connect_state = nullptr;
  decltype(&::SSL_do_handshake) do_handshake = nullptr;
  decltype(&::SSL_get_error) get_error = nullptr;
  decltype(&::SSL_get_version) get_version = nullptr;
  decltype(&::SSL_get0_peer_certificate) certificate = nullptr;
  decltype(&::OPENSSL_init_ssl) init = nullptr;
  decltype(&::BIO_new) bio_new = nullptr;
  decltype(&::BIO_s_mem) bio_memory = nullptr;
  decltype(&::BIO_read) bio_read = nullptr;
  decltype(&::BIO_write) bio_write = nullptr;
  decltype(&::X509_get_subject_name) subject = nullptr;
  decltype(&::X509_NAME_get_text_by_NID) name_text = nullptr;
  decltype(&::X509_get_ext_d2i) extension = nullptr;
  decltype(&::X509_get0_notAfter) not_after = nullptr;
  decltype(&::ASN1_TIME_to_tm) to_tm = nullptr;
  decltype(&::ASN1_STRING_get0_data) string_data = nullptr;
  decltype(&::ASN1_STRING_length) string_length = nullptr;
  decltype(&::OPENSSL_sk_num) stack_size = nullptr;
  decltype(&::OPENSSL_sk_value) stack_at = nullptr;
  decltype(&::GENERAL_NAMES_free) names_free = nullptr;
  decltype(&::ERR_clear_error) clear_errors = nullptr;
  SSL_CTX* context = nullptr;
};

bool open_libraries(TlsLibrary& t) {
  void* const libraries[] = {::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL), ::dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL)};
  if (libraries[0] == nullptr || libraries[1] == nullptr) return false;
  const auto find = [&libraries](const char* name, auto& function) {
    for (void* library : libraries)
      if (function == nullptr) function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    return function != nullptr;
  };
  const bool found = find("TLS_client_method", t.client_method) && find("SSL_CTX_new", t.context_new) && find("SSL_CTX_ctrl", t.context_control) &&
                     find("SSL_CTX_set_security_level", t.security_level) && find("SSL_new", t.ssl_new) && find("SSL_free", t.ssl_free) && find("SSL_ctrl", t.ssl_control) &&
                     find("SSL_set_bio", t.set_bio) && find("SSL_set_connect_state", t.set_connect_state) && find("SSL_do_handshake", t.do_handshake) && find("SSL_get_error", t.get_error) &&
                     find("SSL_get_version", t.get_version) && find("SSL_get0_peer_certificate", t.certificate) && find("OPENSSL_init_ssl", t.init) && find("BIO_new", t.bio_new) &&
                     find("BIO_s_mem", t.bio_memory) && find("BIO_read", t.bio_read) && find("BIO_write", t.bio_write) && find("X509_get_subject_name", t.subject) &&
                     find("X509_NAME_get_text_by_NID", t.name_text) && find("X509_get_ext_d2i", t.extension) && find("X509_get0_notAfter", t.not_after) && find("ASN1_TIME_to_tm", t.to_tm) &&
                     find("ASN1_STRING_get0_data", t.string_data) && find("ASN1_STRING_length", t.string_length) && find("OPENSSL_sk_num", t.stack_size) && find("OPENSSL_sk_value", t.stack_at) &&
                     find("GENERAL_NAMES_free", t.names_free) && find("ERR_clear_error", t.clear_errors);
  if (!found || t.init(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) return false;
  t.context = t.context_new(t.client_method());
  if (t.context == nullptr) return false;
  // Old and weak ones are to be told of as well: nothing secret goes over them.
  t.context_control(t.context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_VERSION, nullptr);
  t.security_level(t.context, 0);
  return true;
}

const TlsLibrary* tls_library() {
  static TlsLibrary tls;
  static const bool opened = open_libraries(tls);
  return opened ? &tls : nullptr;
}

/// Those of the certificate's alternative names first; its common name where it has none (RFC 6125, 6.4.4).
std::vector<std::string> names_of(const TlsLibrary& t, const X509* certificate) {
  std::vector<std::string> names;
  auto* const all = static_cast<GENERAL_NAMES*>(t.extension(certificate, NID_subject_alt_name, nullptr, nullptr));
  const auto* stack = reinterpret_cast<const OPENSSL_STACK*>(all);
  for (int i = 0; all != nullptr && i < std::min(t.stack_size(stack), most_names); ++i) {
    const auto* name = static_cast<const GENERAL_NAME*>(t.stack_at(stack, i));
    if (name->type != GEN_DNS) continue;
    const auto length = static_cast<std::size_t>(std::clamp(t.string_length(name->d.dNSName), 0, 253));
    names.emplace_back(reinterpret_cast<const char*>(t.string_data(name->d.dNSName)), length);
  }
  t.names_free(all);
  char common[254] = "";
  if (names.empty() && t.name_text(t.subject(certificate), NID_commonName, common, sizeof common) > 0) names.emplace_back(common);
  return names;
}

class LibraryTalk final : public TlsTalk {
 public:
  LibraryTalk(const TlsLibrary& tls, const std::string& name) : t_(tls), ssl_(tls.ssl_new(tls.context)), in_(tls.bio_new(tls.bio_memory())), out_(tls.bio_new(tls.bio_memory())) {
    t_.set_bio(ssl_, in_, out_);
    t_.set_connect_state(ssl_);
    if (!name.empty()) t_.ssl_control(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
  }
  ~LibraryTalk() override { t_.ssl_free(ssl_); }
  LibraryTalk(const LibraryTalk&) = delete;
  LibraryTalk& operator=(const LibraryTalk&) = delete;

  std::string step(std::string_view came) override {
    if (!came.empty()) t_.bio_write(in_, came.data(), static_cast<int>(came.size()));
    const int done = t_.do_handshake(ssl_);
    const int why = done == 1 ? SSL_ERROR_NONE : t_.get_error(ssl_, done);
    t_.clear_errors();
    ready_ = done == 1;
    over_ = ready_ || (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE);
    std::string leaves;
    char piece[4096];
    for (int n = 0; (n = t_.bio_read(out_, piece, sizeof piece)) > 0;) leaves.append(piece, static_cast<std::size_t>(n));
    return leaves;
  }

  bool over() const override { return over_; }

  std::optional<TlsFacts> facts() const override {
    if (!ready_) return std::nullopt;
    TlsFacts f{.version = t_.get_version(ssl_)};
    const X509* certificate = t_.certificate(ssl_);
    if (certificate == nullptr) return f;
    f.names = names_of(t_, certificate);
    std::tm until{};
    char text[32] = "";
    if (t_.to_tm(t_.not_after(certificate), &until) == 1 && std::strftime(text, sizeof text, "%Y-%m-%d", &until) > 0) f.until = text;
    return f;
  }

 private:
  const TlsLibrary& t_;
  SSL* ssl_;
  BIO *in_, *out_;  ///< the connection's
  bool ready_ = false, over_ = false;
};

}  // namespace

bool TlsTalk::available() { return tls_library() != nullptr; }

std::unique_ptr<TlsTalk> TlsTalk::begin(const std::string& name) {
  const TlsLibrary* tls = tls_library();
  return tls == nullptr ? nullptr : std::make_unique<LibraryTalk>(*tls, name);
}

}  // namespace rawket
