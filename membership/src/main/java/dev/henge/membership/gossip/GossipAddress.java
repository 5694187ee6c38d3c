package dev.henge.membership.gossip;

import com.google.protobuf.ByteString;

/**
 * Where a member's datagrams go.
 *
 * @param ip 4 or 16 bytes, as on the network
 * @param port in 1..65535
 */
public record GossipAddress(ByteString ip, int port) {

    public GossipAddress {
        if (ip.size() != 4 && ip.size() != 16) {
            throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + ip.size());
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port must be in 1..65535, not " + port);
        }
    }

    /** As {@code 10.0.0.3:7400}, or {@code [fd00:0:0:0:0:0:0:3]:7400}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (ip.size() == 4) {
            for (int index = 0; index < 4; index++) {
                text.append(index == 0 ? "" : ".").append(ip.byteAt(index) & 0xff);
            }
        } else {
            text.append('[');
            for (int index = 0; index < 16; index += 2) {
                int group = ((ip.byteAt(index) & 0xff) << 8) | (ip.byteAt(index + 1) & 0xff);
                text.append(index == 0 ? "" : ":").append(Integer.toHexString(group));
            }
            text.append(']');
        }
        return text.append(':').append(port).toString();
    }
}
