import assert from "node:assert/strict";
import { test } from "node:test";
import { feedName, formatValue, parseFeed, sameFeed } from "./feed.js";

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

test("a value is shown with all its decimals and its unit", () => {
	assert.equal(formatValue(1_280n, { decimals: 2, unit: "°C" }), "12.80 °C");
	assert.equal(formatValue(-5n, { decimals: 2, unit: "°C" }), "-0.05 °C");
	assert.equal(formatValue(415n, { decimals: 0, unit: "ppm" }), "415 ppm");
});
