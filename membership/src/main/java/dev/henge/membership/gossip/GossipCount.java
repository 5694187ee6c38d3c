package dev.henge.membership.gossip;

/** What {@link GossipCounters} is made from. */
final class GossipCount {

    long probes;
    long probesFailed;
    long suspicionsRaised;
    long refutations;
    long declaredDead;
    long stalls;
    long datagramsSent;
    long bytesSent;
    long datagramsReceived;
    long bytesReceived;
    long datagramsMalformed;
    long datagramsForeign;

    GossipCounters read(LocalHealth health) {
        return new GossipCounters(
                probes,
                probesFailed,
                suspicionsRaised,
                refutations,
                declaredDead,
                stalls,
                datagramsSent,
                bytesSent,
                datagramsReceived,
                bytesReceived,
                datagramsMalformed,
                datagramsForeign,
                health.score());
    }
}
