package dev.henge.router.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TableStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How many items tables and indexes have and how large they are, as the descriptions of tables tell. Asked of the partitions
 * each time; while some have no leader, what was known last is told, rather than that nobody learns anything of the table.
 */
final class TableSizes {

    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final int REMEMBERED_MAX = 10_000;

    /** The sizes of a table and its indexes. */
    interface Sizes {

        /** For a table that is new. */
        Sizes NOTHING = number -> TableStatistics.getDefaultInstance();

        /** @param number of the table, or of one of its indexes */
        TableStatistics of(long number);
    }

    private final ClusterClient cluster;
    private final Cache<Long, TableStatistics> lastKnown =
            Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).build();

    TableSizes(ClusterClient cluster) {
        this.cluster = cluster;
    }

    Sizes of(TableRecord table) {
        List<Long> numbers = new ArrayList<>();
        numbers.add(table.getId());
        table.getIndexesList().stream().map(IndexRecord::getId).forEach(numbers::add);
        try {
            List<TableStatistics> sizes = cluster.statistics(numbers, Deadline.after(PATIENCE))
                    .get(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            for (int place = 0; place < numbers.size(); place++) {
                lastKnown.put(numbers.get(place), sizes.get(place));
            }
        } catch (ExecutionException | TimeoutException e) {
            // Told below, as it was.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return number -> {
            TableStatistics known = lastKnown.getIfPresent(number);
            return known == null ? TableStatistics.getDefaultInstance() : known;
        };
    }
}
