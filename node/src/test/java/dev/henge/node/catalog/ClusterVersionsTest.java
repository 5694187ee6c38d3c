package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.henge.catalog.ClusterVersion;
import dev.henge.catalog.Feature;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.RaiseClusterVersion;
import dev.henge.proto.RegisterNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterVersionsTest {

    @Test
    void aCatalogFromBeforeThereWereVersionsIsOfTheFirst() {
        assertThat(ClusterVersion.of(catalog(0, 0, 0))).isEqualTo(1);
        assertThat(Feature.NODE_REPLACEMENT.isAllowed(catalog(0, 2, 2))).isFalse();
        assertThat(Feature.NODE_REPLACEMENT.isAllowed(catalog(2, 2, 2))).isTrue();
    }

    @Test
    void itMayRiseToWhatAllNodesKnow() {
        assertThat(ClusterVersion.next(catalog(0, 2, 2))).hasValue(2);
        assertThat(ClusterVersion.next(catalog(1, 4, 3))).hasValue(3);
        assertThat(ClusterVersion.next(catalog(1, 2, 0))).isEmpty();
        assertThat(ClusterVersion.next(catalog(2, 2, 2))).isEmpty();
        assertThat(ClusterVersion.next(catalog(1))).isEmpty();
    }

    @Test
    void itRisesOnlyWhenNoNodeKnowsLess() {
        Transition raised = raise(catalog(0, 2, 2), 2);
        assertThat(raised.outcome().getCode()).isEqualTo(Code.OK);
        assertThat(ClusterVersion.of(raised.next().catalog())).isEqualTo(2);
        assertThat(raised.next().epoch()).isEqualTo(8);

        Transition refused = raise(catalog(0, 2, 0), 2);
        assertThat(refused.outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(refused.outcome().getMessage()).startsWith("node n2 knows cluster version 1 at most");
        assertThat(refused.next().epoch()).isEqualTo(7);
    }

    @Test
    void itNeverFallsAndASecondCopyChangesNothing() {
        for (int to : List.of(1, 3)) {
            Transition again = raise(catalog(3, 3, 3), to);

            assertThat(again.outcome().getCode()).isEqualTo(Code.OK);
            assertThat(again.next().catalog()).isEqualTo(catalog(3, 3, 3));
        }
    }

    @Test
    void aNodeThatKnowsLessIsNotLetIn() {
        assertThat(register(catalog(2, 2), "n9", 1).outcome().getMessage())
                .contains("node n9 is too old: it knows cluster version 1 at most, the cluster is at 2");
        assertThat(register(catalog(2, 2), "n1", 0).outcome().getCode()).isEqualTo(Code.NODE_REFUSED);
        assertThat(register(catalog(2, 2), "n9", 2).accepted()).isTrue();
        assertThat(register(catalog(2, 2), "n9", 7).accepted()).isTrue();
    }

    @Test
    void aNewClusterHasTheVersionOfWhoMakesIt() {
        CatalogCommand bootstrap = CatalogCommand.newBuilder()
                .setBootstrap(Bootstrap.newBuilder().setClusterVersion(2))
                .build();

        assertThat(ClusterVersion.of(CatalogState.EMPTY.apply(bootstrap).next().catalog()))
                .isEqualTo(2);
    }

    @Test
    void whatANewerProgramAddedToARecordIsKept() {
        NodeRecord newer = catalog(2, 2).getNodes(0).toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                12_345,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFromUtf8("of a newer program"))
                                        .build())
                        .build())
                .build();
        Catalog catalog = catalog(2, 2).toBuilder().setNodes(0, newer).build();

        Catalog changed = register(catalog, "n1", 3).next().catalog();

        assertThat(changed.getNodes(0).getHighestClusterVersion()).isEqualTo(3);
        assertThat(changed.getNodes(0).getUnknownFields()).isEqualTo(newer.getUnknownFields());
    }

    private static Transition raise(Catalog catalog, int to) {
        return new CatalogState(catalog)
                .apply(CatalogCommand.newBuilder()
                        .setRaiseClusterVersion(RaiseClusterVersion.newBuilder().setTo(to))
                        .build());
    }

    private static Transition register(Catalog catalog, String name, int highest) {
        return new CatalogState(catalog)
                .apply(CatalogCommand.newBuilder()
                        .setRegisterNode(RegisterNode.newBuilder()
                                .setNode(NodeRecord.newBuilder()
                                        .setName(name)
                                        .setInstanceId("directory of " + name)
                                        .setAddress("host:1")
                                        .setHighestClusterVersion(highest)))
                        .build());
    }

    /** Of epoch 7, with nodes n1 and so on that know these. */
    private static Catalog catalog(int version, int... known) {
        Catalog.Builder catalog = Catalog.newBuilder().setEpoch(7).setClusterVersion(version);
        for (int highest : known) {
            String name = "n" + (catalog.getNodesCount() + 1);
            catalog.addNodes(NodeRecord.newBuilder()
                    .setName(name)
                    .setInstanceId("directory of " + name)
                    .setAddress("host:1")
                    .setHighestClusterVersion(highest));
        }
        return catalog.build();
    }
}
