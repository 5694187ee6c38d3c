package dev.henge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @Test
    void readsANameAUrlAndProcesses() {
        assertThat(Endpoint.parseNamed("henge=http://127.0.0.1:8000;11,12"))
                .isEqualTo(new Endpoint("henge", "127.0.0.1", 8000, List.of(11L, 12L)));
    }

    @Test
    void takesPort80WhenThereIsNone() {
        Endpoint endpoint = Endpoint.parseNamed("other=http://example.com/");

        assertThat(endpoint).isEqualTo(new Endpoint("other", "example.com", 80, List.of()));
        assertThat(endpoint.hostHeader()).isEqualTo("example.com");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:8000",
                "http://127.0.0.1:8000?a=b",
                "=http://127.0.0.1:8000",
                "a=127.0.0.1:8000",
                "a=https://127.0.0.1:8000",
                "a=http://127.0.0.1:port",
                "a=http://127.0.0.1:8000;x",
                "a=http://127.0.0.1:8000;1,,2",
                "a=http:// "
            })
    void refusesWhatItCanNotUse(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Endpoint.parseNamed(text))
                .withMessageContaining("' is not ");
    }
}
