using System.Globalization;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>A column of the report: text, Markdown and JSON are all made from the same list.</summary>
/// <param name="Id">Name in JSON.</param>
/// <param name="Title">Heading in text and Markdown.</param>
/// <param name="Unit">Unit of the values; empty for none.</param>
/// <param name="Legend">What the column says.</param>
/// <param name="Value">The value in a row: text, a whole number, a number, or null where there is none.</param>
internal sealed record Column(string Id, string Title, string Unit, string Legend, Func<NetworkRow, object?> Value)
{
    /// <summary>All columns, in order.</summary>
    public static IReadOnlyList<Column> All { get; } =
    [
        new("network", "network", "", "the network", row => row.Network),
        new("kind", "kind", "", "float, bf16 (products of numbers rounded to bfloat16), direct (float without Winograd's convolution and Strassen's product), static int8 (weights as they come, or no pair of them that saturates 16 bits), classic (ranges found in each run)", row => row.Kind),
        new("threads", "threads", "", "threads of both engines", row => row.Threads),
        new("ours", "ours", "ms", "median time of our run", row => row.Ours.Median),
        new("ours_minimum", "min", "ms", "shortest time of our run", row => row.Ours.Minimum),
        new("onnx_runtime", "ORT", "ms", "median time of ONNX Runtime's run", row => row.Onnx?.Median),
        new("onnx_runtime_minimum", "ORT min", "ms", "shortest time of ONNX Runtime's run", row => row.Onnx?.Minimum),
        new("speed", "ORT : ours", "", "shortest times: above 1 we are faster than ONNX Runtime", row => row.Onnx?.Minimum / row.Ours.Minimum),
        new("speed_of_medians", "medians", "", "the same of medians", row => row.Onnx?.Median / row.Ours.Median),
        new("over_float", "float : ours", "", "shortest times: above 1 this kind is faster than our float", row => row.Baseline.Minimum / row.Ours.Minimum),
        new("billion_operations", "GOP/s", "", "multiplications and additions a second in our shortest run", row => row.Operations / row.Ours.Minimum / 1e6),
        new("unsafe_pairs", "unsafe", "%", "share of neighbouring weights whose products may leave 16 bits", row => row.UnsafePairs * 100),
        new("difference", "difference", "", "largest difference to ONNX Runtime's result on the same weights; none where its file has others", row => row.Difference),
        new("load", "load", "ms", "from our file to the first result, in a process of its own", row => row.StartOurs?.Milliseconds),
        new("onnx_runtime_load", "ORT load", "ms", "the same of ONNX Runtime", row => row.StartOnnx?.Milliseconds),
        new("second_run", "second", "", "time of our second run to that of a later one", row => row.StartOurs?.SecondRun),
        new("peak", "peak", "MiB", "peak memory of our process", row => row.StartOurs?.Mebibytes),
        new("onnx_runtime_peak", "ORT peak", "MiB", "peak memory of ONNX Runtime's process", row => row.StartOnnx?.Mebibytes),
    ];

    /// <summary>Title and unit.</summary>
    public string Heading => Unit.Length == 0 ? Title : $"{Title} {Unit}";

    /// <summary>The value in a row as text.</summary>
    public string Text(NetworkRow row) => Value(row) switch
    {
        null or double.NaN => "",
        double number when number != 0 && Math.Abs(number) < 0.001 => number.ToString("0.0e+00", CultureInfo.InvariantCulture),
        double number => number.ToString(Math.Abs(number) < 100 ? "0.00" : "0", CultureInfo.InvariantCulture),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
    };
}
