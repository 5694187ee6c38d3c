package dev.henge.node.runtime;

import dev.henge.node.coordinator.PlanSettingsOf;
import dev.henge.node.partition.SizeSamples;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.Catalog;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.SizeSample;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where a partition's bytes are, measured anew once a minute, or when its size or range has changed: the coordinator asks every
 * two seconds. Any thread may call.
 */
final class SizeMeter {

    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Measured anew once it holds a tenth more or less. */
    private static final int CHANGE_SHARE = 10;

    private record Measured(long epoch, long sizeBytes, long nanos, List<SizeSample> samples) {

        boolean isOf(ReplicaStatus status, long nowNanos) {
            return epoch == status.getEpoch()
                    && nowNanos - nanos < KEPT_NANOS
                    && Math.abs(status.getSizeBytes() - sizeBytes) <= sizeBytes / CHANGE_SHARE;
        }
    }

    private Measured last = new Measured(0, 0, 0, List.of());

    /** A leader's status with the samples, where it may be large enough for a split. */
    synchronized ReplicaStatus in(ReplicaStatus status, Catalog catalog, StorageEngine storage, long nowNanos) {
        long bytesMin = PlanSettingsOf.splitBytesWhileFew(catalog.getSettings());
        if (!SizeSamples.areWanted(status, bytesMin)) {
            return status;
        }
        if (!last.isOf(status, nowNanos)) {
            List<SizeSample> samples = SizeSamples.of(status, catalog, bytesMin, storage);
            last = new Measured(status.getEpoch(), status.getSizeBytes(), nowNanos, samples);
        }
        return status.toBuilder().addAllSizeSamples(last.samples()).build();
    }
}
