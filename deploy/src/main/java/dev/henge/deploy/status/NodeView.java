package dev.henge.deploy.status;

/**
 * A node as it shows in the status.
 *
 * @param name its name; empty when it did not answer and the catalog doesn't know its address
 * @param up whether it answered
 * @param problem why it is not up; empty when it is
 * @param leads how many partitions it leads
 * @param replicas how many partitions it has a replica of
 * @param dataBytes size of its storage engine's live files
 * @param logBytes size of its write-ahead log's live segments
 * @param zone what may fail together with it; may be empty
 * @param intent what operators want of it: SERVING, DRAINING or DECOMMISSIONING; empty when the catalog doesn't know it
 * @param diskUsedBytes of its fullest disk, by anything
 * @param diskTotalBytes of that disk; 0 when it is not known
 * @param clusterVersionMax the highest cluster version that its program knows; 0 when the catalog doesn't know the node
 */
public record NodeView(
        String name,
        String address,
        boolean up,
        String problem,
        String version,
        long uptimeMillis,
        long catalogEpoch,
        int leads,
        int replicas,
        long dataBytes,
        long logBytes,
        String zone,
        String intent,
        long diskUsedBytes,
        long diskTotalBytes,
        int clusterVersionMax) {

    NodeView with(String itsZone, String itsIntent, int itsClusterVersionMax) {
        return new NodeView(
                name,
                address,
                up,
                problem,
                version,
                uptimeMillis,
                catalogEpoch,
                leads,
                replicas,
                dataBytes,
                logBytes,
                itsZone,
                itsIntent,
                diskUsedBytes,
                diskTotalBytes,
                itsClusterVersionMax);
    }
}
