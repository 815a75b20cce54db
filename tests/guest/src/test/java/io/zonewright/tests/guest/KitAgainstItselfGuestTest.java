package io.zonewright.tests.guest;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** null_blk compared with null_blk: tells a broken scenario or an unsuitable kernel from a broken device. */
@Tag("full")
class KitAgainstItselfGuestTest {
    @Test
    void everyScenarioHoldsForNullBlk() throws Exception {
        Guest.named("self-test")
                .disk("1G")
                .disk("1G:4096")
                .memory("2G")
                .timeout(Duration.ofMinutes(30))
                .scenario("self-test")
                .run()
                .expectSuccess();
    }
}
