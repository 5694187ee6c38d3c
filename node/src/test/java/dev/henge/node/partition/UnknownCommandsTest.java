package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.henge.membership.TokenRange;
import dev.henge.node.partition.StateMachine.CommittedEntry;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.Command;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a newer program has written is never skipped. */
class UnknownCommandsTest {

    private static final int UNKNOWN_FIELD = 12_345;

    private final StateMachine machine = new StateMachine(0, TokenRange.cut(1).getFirst(), new InMemoryEngine());

    @Test
    void anEntryOfAKindThatIsNotKnownIsNotAppliedNorIsWhatCameWithIt() {
        assertRefused(Command.newBuilder().setUnknownFields(unknown()).build());
    }

    @Test
    void aCommandOfTheCatalogThatIsNotKnownIsNotAppliedNorIsWhatCameWithIt() {
        assertRefused(Command.newBuilder()
                .setRequestId(ByteString.copyFromUtf8("newer"))
                .setCatalog(CatalogCommand.newBuilder().setUnknownFields(unknown()))
                .build());
    }

    private void assertRefused(Command newer) {
        Command known = Command.newBuilder()
                .setRequestId(ByteString.copyFromUtf8("known"))
                .setCatalog(CatalogCommand.newBuilder()
                        .setBootstrap(Bootstrap.newBuilder().setClusterId("c")))
                .build();

        assertThatThrownBy(
                        () -> machine.apply(List.of(new CommittedEntry(1, 1, known), new CommittedEntry(2, 1, newer))))
                .hasMessageContaining("entry 2 of partition 0")
                .hasMessageContaining("older than what the log holds; upgrade it");
        assertThat(machine.applied().index()).isZero();
        assertThat(machine.catalog().bootstrapped()).isFalse();
    }

    /** As a message is read that a newer program wrote. */
    private static UnknownFieldSet unknown() {
        return UnknownFieldSet.newBuilder()
                .addField(
                        UNKNOWN_FIELD,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.EMPTY)
                                .build())
                .build();
    }
}
