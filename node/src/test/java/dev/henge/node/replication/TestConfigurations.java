package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Configurations as readable payloads: {@code members a b c | d}, learners behind the bar. */
final class TestConfigurations implements ConfigurationStore {

    private static final String MARK = "members ";

    @Nullable
    Configuration applied;

    @Override
    public @Nullable Configuration applied() {
        return applied;
    }

    @Override
    public ByteString encode(Configuration configuration) {
        return ByteString.copyFromUtf8(MARK + names(configuration));
    }

    static String names(Configuration configuration) {
        return (String.join(" ", configuration.voters()) + " | " + String.join(" ", configuration.learners())).strip();
    }

    @Override
    public @Nullable Configuration decode(LogEntry entry) {
        if (entry.payload().isEmpty() || entry.payload().byteAt(0) != MARK.charAt(0)) {
            return null;
        }
        String text = entry.payload().toStringUtf8();
        if (!text.startsWith(MARK)) {
            return null;
        }
        String[] parts = text.substring(MARK.length()).split("\\|", -1);
        return new Configuration(entry.index(), split(parts[0]), split(parts[1]));
    }

    private static List<String> split(String names) {
        return names.isBlank() ? List.of() : List.of(names.strip().split(" "));
    }
}
