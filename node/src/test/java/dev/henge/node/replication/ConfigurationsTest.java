package dev.henge.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConfigurationsTest {

    private static final Configuration FIRST = Configuration.initial(List.of("a", "b", "c"));

    /** Payloads are the names of voters. */
    private static final class Store implements ConfigurationStore {
        @Nullable
        Configuration applied;

        @Override
        public @Nullable Configuration applied() {
            return applied;
        }

        @Override
        public ByteString encode(Configuration configuration) {
            return ByteString.copyFromUtf8(String.join(" ", configuration.voters()));
        }

        @Override
        public @Nullable Configuration decode(LogEntry entry) {
            return entry.payload().isEmpty()
                    ? null
                    : new Configuration(
                            entry.index(),
                            List.of(entry.payload().toStringUtf8().split(" ")),
                            List.of());
        }
    }

    private final Store store = new Store();
    private final Configurations configurations = new Configurations(FIRST, store);

    // A snapshot of another leader's entry at the index of a change that no majority had (thesis, 5.3: the follower
    // discards
    // its entire log).
    @Test
    void aChangeThatTheSnapshotHasAnotherEntryForIsForgotten() {
        append(5, "a b");

        configurations.replaced();
        configurations.logReset();

        assertThat(configurations.current()).isEqualTo(FIRST);
    }

    /** Its state is gone and its log began anew, and who the members are is known from before. */
    @Test
    void whatTheLogHasYetToGetChangesNothingThatIsKnown() {
        store.applied = new Configuration(4, List.of("b", "c"), List.of());
        configurations.replaced();

        append(3, "a b");
        append(4, "b c");
        configurations.truncatedFrom(3);
        assertThat(configurations.current()).isEqualTo(store.applied);

        append(5, "c");
        assertThat(configurations.current().voters()).containsExactly("c");
    }

    @Test
    void theSnapshotsOwnConfigurationTakesItsPlace() {
        append(3, "a b");
        append(5, "a");
        store.applied = new Configuration(4, List.of("b", "c"), List.of());

        configurations.replaced();
        configurations.logReset();

        assertThat(configurations.current()).isEqualTo(store.applied);
    }

    @Test
    void aSnapshotOfWhatTheLogHasKeepsTheChangesBehindIt() {
        append(3, "a b");
        append(9, "a");
        store.applied = new Configuration(3, List.of("a", "b"), List.of());

        configurations.replaced();

        assertThat(configurations.current().voters()).containsExactly("a");
        assertThat(configurations.current().index()).isEqualTo(9);
    }

    private void append(long index, String voters) {
        configurations.appended(new LogEntry(index, 1, ByteString.copyFromUtf8(voters)));
    }
}
