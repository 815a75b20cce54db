/** Real guests: a stock Linux under QEMU that runs scenarios on devices of ours. */
@NullMarked
package io.zonewright.tests.guest;

import org.jspecify.annotations.NullMarked;
