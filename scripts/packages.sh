# Packages of Debian 12 and Ubuntu 24.04, by what they are for.
build_packages=(g++ cmake ninja-build pkg-config libcli11-dev libpcap-dev libmnl-dev libseccomp-dev libnftables-dev libssl-dev libtomlplusplus-dev zlib1g-dev libzstd-dev liblz4-dev)
test_packages=(libgtest-dev python3 python3-jsonschema tshark iproute2 nftables openssl)
check_packages=(iproute2 nftables ethtool tcpdump clang-19 clang-format-19 libclang-rt-19-dev ccache git gcovr)
