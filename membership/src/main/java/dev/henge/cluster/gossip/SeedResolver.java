package dev.henge.cluster.gossip;

import dev.henge.membership.gossip.GossipAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up what the seeds' names stand for: several addresses each, as with a headless service of Kubernetes. */
@FunctionalInterface
public interface SeedResolver {

    /** The addresses that the seeds have now; those of a name that can't be looked up are left out. May take seconds. */
    List<GossipAddress> resolve(List<SeedName> seeds);

    /** By the system's own resolver. The JVM remembers answers for a while ({@code networkaddress.cache.ttl}). */
    static SeedResolver system() {
        Logger log = LoggerFactory.getLogger(SeedResolver.class);
        return seeds -> {
            List<GossipAddress> resolved = new ArrayList<>();
            for (SeedName seed : seeds) {
                try {
                    for (InetAddress address : InetAddress.getAllByName(seed.host())) {
                        resolved.add(UdpTransport.address(address, seed.port()));
                    }
                } catch (UnknownHostException e) {
                    // As usual while the first pods of a set start.
                    log.debug("seed {} has no address: {}", seed, e.getMessage());
                }
            }
            return resolved;
        };
    }
}
