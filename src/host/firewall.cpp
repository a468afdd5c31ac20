// libnftables speaks netlink itself; no program has to be installed.
#include "firewall.hpp"

#include <dlfcn.h>
#include <nftables/libnftables.h>

#include <cerrno>

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

struct NftLibrary {
  decltype(&::nft_ctx_new) ctx_new = nullptr;
  decltype(&::nft_ctx_free) ctx_free = nullptr;
  decltype(&::nft_ctx_buffer_output) buffer_output = nullptr;
  decltype(&::nft_ctx_buffer_error) buffer_error = nullptr;
  decltype(&::nft_ctx_get_output_buffer) output = nullptr;
  decltype(&::nft_ctx_get_error_buffer) error = nullptr;
  decltype(&::nft_ctx_output_set_flags) set_flags = nullptr;
  decltype(&::nft_run_cmd_from_buffer) run = nullptr;
};

bool open_library(NftLibrary& nft) {
  void* library = ::dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
  const auto find = [library](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    return function != nullptr;
  };
  return library != nullptr && find("nft_ctx_new", nft.ctx_new) && find("nft_ctx_free", nft.ctx_free) && find("nft_ctx_buffer_output", nft.buffer_output) &&
         find("nft_ctx_buffer_error", nft.buffer_error) && find("nft_ctx_get_output_buffer", nft.output) && find("nft_ctx_get_error_buffer", nft.error) &&
         find("nft_ctx_output_set_flags", nft.set_flags) && find("nft_run_cmd_from_buffer", nft.run);
}

const NftLibrary* nft_library() {
  static NftLibrary nft;
  static const bool opened = open_library(nft);
  return opened ? &nft : nullptr;
}

}  // namespace

void Firewall::Closing::operator()(nft_ctx* context) const { nft_library()->ctx_free(context); }

Result<Firewall> Firewall::open() {
  const NftLibrary* nft = nft_library();
  if (nft == nullptr) return fail(Errc::unsupported, "firewall", "libnftables is not installed, which reads and sets firewalls", "install it: apt-get install libnftables1");
  nft_ctx* context = nft->ctx_new(NFT_CTX_DEFAULT);
  if (context == nullptr) return fail(Errc::unsupported, "firewall", "libnftables cannot be opened");
  nft->buffer_output(context), nft->buffer_error(context);
  nft->set_flags(context, NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_NUMERIC_PROTO);
  return Firewall(context);
}

Result<std::string> Firewall::run(const std::string& commands) {
  const NftLibrary& nft = *nft_library();
  errno = 0;
  const int failed = nft.run(context_.get(), commands.c_str());
  const int why = errno;
  std::string said = nft.error(context_.get());
  if (failed == 0) return std::string(nft.output(context_.get()));
  while (!said.empty() && said.back() == '\n') said.pop_back();
  // Its first line tells what is wrong, the next ones point at it.
  if (why == EPERM || said.find("Operation not permitted") != said.npos) return fail(Errc::no_permission, "firewall", "the kernel shows and changes it only with CAP_NET_ADMIN", "sudo, or a lab");
  const auto lines = split(said, '\n');
  return fail(Errc::malformed, "firewall", clean_text(lines[0]), lines.size() > 1 ? clean_text(lines[1]) : std::string());
}

}  // namespace rawket
