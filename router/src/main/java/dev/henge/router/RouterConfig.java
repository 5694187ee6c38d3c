package dev.henge.router;

import dev.henge.router.api.Signatures;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How a router is started.
 *
 * @param listen where the HTTP endpoint listens
 * @param nodes gRPC addresses "host:port" of some nodes of the cluster; the rest is learned from the catalog
 * @param region the region that stands in ARNs
 * @param accountId the account that stands in ARNs, 12 digits
 * @param requestTimeout how long one client request may take, retries included
 * @param signatures what is asked of a request's signature
 * @param zone eventual reads ask a replica there first; empty for none
 */
public record RouterConfig(
        InetSocketAddress listen,
        List<String> nodes,
        String region,
        String accountId,
        Duration requestTimeout,
        Signatures signatures,
        String zone) {

    /** Of a router in no zone. */
    public RouterConfig(
            InetSocketAddress listen,
            List<String> nodes,
            String region,
            String accountId,
            Duration requestTimeout,
            Signatures signatures) {
        this(listen, nodes, region, accountId, requestTimeout, signatures, "");
    }
}
