package dev.henge.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.ClusterException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterServerTest extends RouterTest {

    @Test
    void aRouterHasItsLeadersWhenEachHasAnswered() {
        assertThat(router.awaitLeaders(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void aRouterWhoseClusterLacksALeaderSaysSo() {
        cluster.plant(request -> request.equals(List.of()) ? ClusterException.Code.UNAVAILABLE : null);

        assertThat(router.awaitLeaders(Duration.ofSeconds(10))).isFalse();
    }
}
