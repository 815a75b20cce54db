/**
 * One table of scenarios for every front-end over every back-end, and checks of the architecture itself.
 *
 * <p>A scenario says what is asked and what the engine has to find; an adapter for each protocol ({@code Client}) says
 * which literal code goes over the wire for that. A new front-end adds an adapter, a new back-end a {@code Medium};
 * neither adds scenarios unless it can do something that no other can.
 */
@NullMarked
package io.zonewright.tests.conformance;

import org.jspecify.annotations.NullMarked;
