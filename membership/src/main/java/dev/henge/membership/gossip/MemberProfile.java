package dev.henge.membership.gossip;

/**
 * What a member says of itself that hardly ever changes.
 *
 * @param name of the node or router, as configured; up to 64 characters
 * @param zone empty for none; up to 64 characters
 * @param serviceAddress host:port of a node's gRPC service, of a router's HTTP endpoint; empty for none; up to 262 characters
 * @param version of the program; up to 64 characters
 * @param cluster the cluster's name, as configured; up to 64 characters
 * @param clusterId the cluster's UUID; empty while the member has not learned it
 */
public record MemberProfile(
        MemberRole role,
        String name,
        String zone,
        String serviceAddress,
        String version,
        String cluster,
        String clusterId) {

    /** A host name has 253 characters at most. */
    static final int SERVICE_ADDRESS_LENGTH_MAX = 262;

    static final int TEXT_LENGTH_MAX = 64;

    public MemberProfile {
        check(name, TEXT_LENGTH_MAX, "name");
        check(zone, TEXT_LENGTH_MAX, "zone");
        check(serviceAddress, SERVICE_ADDRESS_LENGTH_MAX, "service address");
        check(version, TEXT_LENGTH_MAX, "version");
        check(cluster, TEXT_LENGTH_MAX, "cluster name");
        check(clusterId, TEXT_LENGTH_MAX, "cluster id");
    }

    /** The same after the member has learned its cluster's id. */
    public MemberProfile withClusterId(String learned) {
        return new MemberProfile(role, name, zone, serviceAddress, version, cluster, learned);
    }

    /** Whether members of these two may be of one cluster; an id that is not known yet fits any. */
    boolean mayShareClusterWith(String otherCluster, String otherClusterId) {
        return cluster.equals(otherCluster)
                && (clusterId.isEmpty() || otherClusterId.isEmpty() || clusterId.equals(otherClusterId));
    }

    private static void check(String text, int lengthMax, String what) {
        if (!isName(text, lengthMax)) {
            throw new IllegalArgumentException(
                    "a member's " + what + " must have " + lengthMax + " characters at most, all printable ASCII");
        }
    }

    /** One byte per character, as the size of a datagram is planned; and nothing that could forge a line of the log. */
    static boolean isName(String text, int lengthMax) {
        return text.length() <= lengthMax && text.chars().allMatch(character -> character >= ' ' && character <= '~');
    }
}
