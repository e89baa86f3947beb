import assert from "node:assert/strict";
import { test } from "node:test";
import { feedName, formatReading, parseFeed, sameFeed } from "./feed.js";

test("a feed has a name in text", () => {
	assert.deepEqual(parseFeed("1/WeatherApi"), { asset: 1, source: "WeatherApi" });
	assert.deepEqual(parseFeed("4294967295/GpsTracker"), {
		asset: 4_294_967_295,
		source: "GpsTracker",
	});
	assert.equal(feedName(parseFeed("7/IotSensor")), "7/IotSensor");
	assert.ok(sameFeed(parseFeed("7/IotSensor"), { asset: 7, source: "IotSensor" }));
	assert.ok(!sameFeed(parseFeed("7/IotSensor"), { asset: 8, source: "IotSensor" }));
});

test("what names no feed is refused with the sources that exist", () => {
	for (const text of [
		"",
		"1",
		"1/",
		"/WeatherApi",
		"1/Rumour",
		"-1/WeatherApi",
		"4294967296/WeatherApi",
	]) {
		assert.throws(
			() => parseFeed(text),
			/is not a feed such as 1\/WeatherApi; sources: Gps/,
			text,
		);
	}
});

test("a reading is shown with all its decimals and its unit", () => {
	const scalar = (value) => ({ kind: "Scalar", value });
	const feed = (decimals, unit) => ({ schema: { decimals }, unit });
	assert.equal(formatReading(scalar(1_280n), feed(2, "°C")), "12.80 °C");
	assert.equal(formatReading(scalar(-5n), feed(2, "°C")), "-0.05 °C");
	assert.equal(formatReading(scalar(415n), feed(0, "ppm")), "415 ppm");
});

test("places, directions and states are shown as what they are", () => {
	const feed = { schema: {}, unit: "" };
	const place = { kind: "Point", latitude: 476_101_500n, longitude: -5n };
	assert.equal(formatReading(place, feed), "47.6101500°, -0.0000005°");
	assert.equal(formatReading({ kind: "Angle", value: 359_500_000n }, feed), "359.5°");
	assert.equal(formatReading({ kind: "Category", value: 2n }, feed), "category 2");
});
