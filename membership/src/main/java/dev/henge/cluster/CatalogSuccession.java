package dev.henge.cluster;

import dev.henge.proto.Catalog;

/**
 * Which catalog may take another's place, in nodes, routers and clients alike: one that is newer, of the same cluster, and
 * not empty. Catalogs come from several senders at once, so any may come late.
 */
public final class CatalogSuccession {

    /** What is to become of a catalog that was offered. */
    public enum Verdict {
        /** It takes the present one's place. */
        TAKE,
        /** It is the present one or an older one, as any may be that comes late. */
        NOT_NEWER,
        /** It is of another cluster: somebody has mixed up addresses. */
        OTHER_CLUSTER,
        /** It has no partitions, which no cluster's catalog is without. */
        EMPTY
    }

    private CatalogSuccession() {}

    /** @param current the present one, of epoch 0 before the first */
    public static Verdict judge(Catalog current, Catalog candidate) {
        boolean sameCluster = current.getEpoch() == 0 || current.getClusterId().equals(candidate.getClusterId());
        if (!sameCluster) {
            return Verdict.OTHER_CLUSTER;
        }
        if (candidate.getEpoch() <= current.getEpoch()) {
            return Verdict.NOT_NEWER;
        }
        return candidate.getPartitionsCount() == 0 ? Verdict.EMPTY : Verdict.TAKE;
    }
}
