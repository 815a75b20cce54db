/** Devices and front-ends in the test's own process, put together as the daemon does it. */
@NullMarked
package io.zonewright.testkit.device;

import org.jspecify.annotations.NullMarked;
