package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.ConfigurationStore;
import dev.henge.node.replication.LogEntry;
import dev.henge.proto.Command;
import dev.henge.proto.HeldRange;
import org.jspecify.annotations.Nullable;

/** Configurations as commands in the log and among the private keys of the state machine. */
final class StoredConfigurations implements ConfigurationStore {

    /**
     * How the payload of a configuration begins, and no other's: fields are written in the order of their numbers, and
     * other commands have a request id (field 1) or a time (field 2).
     */
    private static final byte FIRST_BYTE =
            (byte) (Command.CONFIGURATION_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);

    private final StateMachine machine;

    StoredConfigurations(StateMachine machine) {
        this.machine = machine;
    }

    @Override
    public @Nullable Configuration applied() {
        dev.henge.proto.Configuration stored = machine.configuration();
        return stored == null ? null : fromProto(stored.getIndex(), stored);
    }

    @Override
    public Founding founding() {
        HeldRange range = machine.range();
        return new Founding(range.getFirstIndex(), range.getFirstTerm());
    }

    @Override
    public ByteString encode(Configuration configuration) {
        return command(configuration).toByteString();
    }

    static Command command(Configuration configuration) {
        return Command.newBuilder()
                .setConfiguration(dev.henge.proto.Configuration.newBuilder()
                        .addAllVoters(configuration.voters())
                        .addAllLearners(configuration.learners()))
                .build();
    }

    @Override
    public @Nullable Configuration decode(LogEntry entry) {
        ByteString payload = entry.payload();
        if (payload.isEmpty() || payload.byteAt(0) != FIRST_BYTE) {
            return null;
        }
        try {
            return fromProto(entry.index(), Command.parseFrom(payload).getConfiguration());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the configuration at " + entry.index() + " can't be read", e);
        }
    }

    static dev.henge.proto.Configuration toProto(Configuration configuration) {
        return dev.henge.proto.Configuration.newBuilder()
                .setIndex(configuration.index())
                .addAllVoters(configuration.voters())
                .addAllLearners(configuration.learners())
                .build();
    }

    private static Configuration fromProto(long index, dev.henge.proto.Configuration wire) {
        return new Configuration(index, wire.getVotersList(), wire.getLearnersList());
    }
}
