package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CatalogHolderTest {

    private final CatalogHolder catalogs = new CatalogHolder();
    private final List<Long> heard = Collections.synchronizedList(new ArrayList<>());

    @Test
    void aListenerHearsOfWhatIsKnownAndOfWhatIsNewer() {
        catalogs.offer(catalog(3));
        catalogs.listen(catalog -> heard.add(catalog.getEpoch()));
        catalogs.offer(catalog(2));
        catalogs.offer(catalog(5));
        catalogs.offer(catalog(5));

        assertThat(heard).containsExactly(3L, 5L);
    }

    @Test
    void nobodyWaitsForAListenerThatWaitsForThem() throws Exception {
        catalogs.listen(catalog -> {
            heard.add(catalog.getEpoch());
            // Another thread asks for catalogs, and brings one, while this one is busy.
            CompletableFuture.runAsync(() -> {
                        catalogs.listen(_ -> {});
                        catalogs.offer(catalog(9));
                    })
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        });

        CompletableFuture.runAsync(() -> catalogs.offer(catalog(1))).get(60, TimeUnit.SECONDS);

        assertThat(heard).containsExactly(1L, 9L);
    }

    @Test
    void aListenerThatWasRemovedHearsNoMore() {
        Consumer<Catalog> listener = catalog -> heard.add(catalog.getEpoch());
        catalogs.listen(listener);
        catalogs.offer(catalog(1));
        catalogs.remove(listener);
        catalogs.offer(catalog(2));

        assertThat(heard).containsExactly(1L);
    }

    private static Catalog catalog(long epoch) {
        return Catalog.newBuilder()
                .setClusterId("cluster")
                .setEpoch(epoch)
                .addPartitions(PartitionRecord.newBuilder().setId(1).addReplicas("n1"))
                .build();
    }
}
