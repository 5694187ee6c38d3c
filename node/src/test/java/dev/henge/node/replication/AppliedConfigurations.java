package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The configurations of a simulated node, as its state machine applied them. */
final class AppliedConfigurations implements ConfigurationStore {

    private final TestConfigurations codec = new TestConfigurations();
    private final List<LogEntry> applied;
    private final @Nullable List<String> votersAlways;

    /** @param votersAlways a fault: who votes, whatever the entries say; null for none */
    AppliedConfigurations(List<LogEntry> applied, @Nullable List<String> votersAlways) {
        this.applied = applied;
        this.votersAlways = votersAlways;
    }

    @Override
    public @Nullable Configuration applied() {
        for (int i = applied.size() - 1; i >= 0; i--) {
            Configuration configuration = decode(applied.get(i));
            if (configuration != null) {
                return configuration;
            }
        }
        return null;
    }

    @Override
    public ByteString encode(Configuration configuration) {
        return codec.encode(configuration);
    }

    @Override
    public @Nullable Configuration decode(LogEntry entry) {
        Configuration configuration = codec.decode(entry);
        if (configuration == null || votersAlways == null) {
            return configuration;
        }
        List<String> learners = configuration.members().stream()
                .filter(member -> !votersAlways.contains(member))
                .toList();
        return new Configuration(configuration.index(), votersAlways, learners);
    }
}
