package dev.henge.membership.gossip;

/**
 * What a member has done and seen since its start.
 *
 * @param localHealth how unwell it thinks itself, 0 for well (Lifeguard's local health multiplier, less one)
 */
public record GossipCounters(
        long probes,
        long probesFailed,
        long suspicionsRaised,
        long refutations,
        long declaredDead,
        long stalls,
        long datagramsSent,
        long bytesSent,
        long datagramsReceived,
        long bytesReceived,
        long datagramsMalformed,
        long datagramsForeign,
        int localHealth) {}
