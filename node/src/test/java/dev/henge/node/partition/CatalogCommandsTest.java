package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.node.log.SpaceLevel;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.UpdateTable;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The system partition's leader judges a command by the state behind those it has taken in, and by no other. */
class CatalogCommandsTest {

    private final LoneReplica replica;
    private int requests;

    CatalogCommandsTest() throws IOException {
        replica = new LoneReplica(0);
        ask(CatalogCommand.newBuilder().setBootstrap(Bootstrap.newBuilder().setClusterId("cluster")));
    }

    /** Found by the simulation: seed 319, in which the deletion of a table never ended. */
    @Test
    void aCommandThatFoundNoRoomLeavesNoTrace() {
        replica.spaceLevel(SpaceLevel.SCARCE);
        DataResponse refused = ask(createTable());
        replica.spaceLevel(SpaceLevel.AMPLE);

        DataResponse created = ask(createTable());

        assertThat(refused.getRefusal().getCode()).isEqualTo(Refusal.Code.OVERLOADED);
        assertThat(created.getCatalog().getCode()).isEqualTo(CatalogOutcome.Code.OK);
        assertThat(ask(createTable()).getCatalog().getCode()).isEqualTo(CatalogOutcome.Code.TABLE_EXISTS);
    }

    /** Carried out twice, the second copy of a change of capacity would find that nothing changes, and be refused. */
    @Test
    void aCopyOfAChangeIsGivenTheFirstOutcome() {
        ask(createTable());
        ByteString id = ByteString.copyFromUtf8("a change");
        DataRequest change = DataRequest.newBuilder()
                .setCatalog(CatalogCommand.newBuilder()
                        .setRequestId(id)
                        .setUpdateTable(UpdateTable.newBuilder()
                                .setName("table")
                                .setReadCapacityUnits(3)
                                .setWriteCapacityUnits(3)))
                .build();

        DataResponse first = replica.ask(change.toBuilder());
        DataResponse copy = replica.ask(change.toBuilder());
        DataResponse another = replica.ask(change.toBuilder()
                .setCatalog(change.getCatalog().toBuilder().setRequestId(ByteString.copyFromUtf8("another"))));

        assertThat(first.getCatalog().getCode()).isEqualTo(CatalogOutcome.Code.OK);
        assertThat(copy.getCatalog()).isEqualTo(first.getCatalog());
        assertThat(another.getCatalog().getCode()).isEqualTo(CatalogOutcome.Code.TABLE_INVALID_CHANGE);
    }

    private static CatalogCommand.Builder createTable() {
        return CatalogCommand.newBuilder()
                .setCreateTable(CreateTable.newBuilder()
                        .setTable(TableRecord.newBuilder().setName("table")));
    }

    private DataResponse ask(CatalogCommand.Builder command) {
        requests++;
        return replica.ask(DataRequest.newBuilder()
                .setCatalog(command.setRequestId(ByteString.copyFromUtf8("request " + requests))));
    }
}
