// libpcap as a compiler: words in, classic BPF out. Running it here is libpcap's too, so results are the same everywhere.
#include "rawket/io/filter.hpp"

#include <linux/filter.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "pcap_library.hpp"

namespace rawket {
namespace {


struct CloseCapture {
  const PcapLibrary* pcap = nullptr;
  void operator()(pcap_t* capture) const { pcap->close(capture); }
};
using Capture = std::unique_ptr<pcap_t, CloseCapture>;

// libpcap maps LINKTYPE_ (files) to DLT_ (this machine) when it opens a file, and nowhere else: so it is shown an empty one.
int data_link_of(const PcapLibrary& pcap, LinkType link_type) {
  struct Header {
    u32 magic = 0xa1b2c3d4;
    u16 major = 2, minor = 4;
    u32 zone = 0, accuracy = 0, snapshot = longest_snapshot, link = 0;
  } header;
  header.link = static_cast<u32>(link_type);
  std::FILE* file = ::fmemopen(&header, sizeof header, "rb");
  char words[PCAP_ERRBUF_SIZE] = "";
  const Capture capture(file != nullptr ? pcap.fopen_offline(file, words) : nullptr, {&pcap});
  if (capture == nullptr) {
    if (file != nullptr) std::fclose(file);
    return static_cast<int>(link_type);
  }
  return pcap.datalink(capture.get());  // closing the capture closes the file
}

// What a program compares a field of 16 bits with when it looks for an 802.1Q or 802.1ad tag, or QinQ's old number.
constexpr std::array<u32, 3> tag_types = {0x8100, 0x88a8, 0x9100};

std::vector<BpfInstruction> run_compiler(const PcapLibrary& pcap, pcap_t* capture, const std::string& expression, bool optimized) {
  std::vector<BpfInstruction> instructions;
  bpf_program program{};
  if (pcap.compile(capture, &program, expression.c_str(), optimized ? 1 : 0, PCAP_NETMASK_UNKNOWN) != 0) return instructions;
  for (const bpf_insn& i : std::span(program.bf_insns, program.bf_len)) instructions.push_back({i.code, i.jt, i.jf, i.k});
  pcap.freecode(&program);
  return instructions;
}

bool compares_with_tag(const BpfInstruction& i) {
  return BPF_CLASS(i.code) == BPF_JMP && BPF_SRC(i.code) == BPF_K && std::ranges::find(tag_types, i.k) != tag_types.end();
}

}  // namespace

Result<Filter> Filter::compile(const std::string& expression, LinkType link_type, u32 snapshot_length) {
  Filter filter;
  filter.expression_ = expression;
  if (expression.find_first_not_of(" \t\r\n") == expression.npos) return filter;
  const int snapshot = static_cast<int>(std::clamp(snapshot_length, u32{1}, longest_snapshot));
  const PcapLibrary* pcap = RAWKET_TRY(pcap_library());
  const Capture capture(pcap->open_dead(data_link_of(*pcap, link_type), snapshot), {pcap});
  if (capture == nullptr) return fail(Errc::system, "filter", "libpcap has no memory left");
  filter.program_ = run_compiler(*pcap, capture.get(), expression, true);
  if (filter.program_.empty())
    return fail(Errc::malformed, "filter", pcap->geterr(capture.get()), "the words are those of pcap-filter(7): 'tcp port 80 and host 198.18.0.2'");
  // The optimizer removes questions whose answer another one implies, as long as tags stand in the frame.
  filter.looks_at_vlan_tag_ = std::ranges::any_of(run_compiler(*pcap, capture.get(), expression, false), compares_with_tag);
  return filter;
}

bool Filter::matches(Bytes packet, u32 original_length) const {
  static_assert(sizeof(BpfInstruction) == sizeof(bpf_insn) && offsetof(BpfInstruction, k) == offsetof(bpf_insn, k));
  if (program_.empty()) return true;
  bpf_program program{};
  program.bf_len = static_cast<u32>(program_.size());
  // libpcap only reads it; its structure just does not say so.
  program.bf_insns = const_cast<bpf_insn*>(reinterpret_cast<const bpf_insn*>(program_.data()));
  pcap_pkthdr header{};
  header.caplen = static_cast<u32>(packet.size());
  header.len = original_length;
  static const PcapLibrary* pcap = *pcap_library();  // there, as it compiled this program
  return pcap->offline_filter(&program, &header, packet.data()) != 0;
}

bool Filter::needs_kernel() const {
  // Loads from these addresses are the kernel's extensions: packet type, interface, ...
  return std::ranges::any_of(program_, [](const BpfInstruction& i) {
    return BPF_CLASS(i.code) == BPF_LD && BPF_MODE(i.code) == BPF_ABS && i.k >= static_cast<u32>(SKF_AD_OFF) &&
           i.k < static_cast<u32>(SKF_AD_OFF) + SKF_AD_MAX;
  });
}

}  // namespace rawket
