using TransformFramework.Diagnostics;

namespace TransformFramework.Quantization;

/// <summary>The diagnostics of this plugin.</summary>
internal static class QuantizationDiagnostics
{
    /// <summary>Arguments: the node, the reason.</summary>
    public static readonly DiagnosticDescriptor ConstantKept = new("TFX2040", Severity.Warning, "Constant without a range", "constant '{0}' stays as it is: {1}")
    {
        Cause = "The elements have no range that 8 bits or steps could divide: they hold NaN or infinite elements, or reach further than the largest float.",
        Remedy = "Find out where such weights come from; a model that computes with them is broken.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(2)}
            w = Const() {dtype=float, value=float[2]{nan, 1}}
            y = Mul(x, w) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='quantize_weights(minimum_size=1)'",
    };

    /// <summary>Arguments: the number of lines, the file.</summary>
    public static readonly DiagnosticDescriptor RangeLinesSkipped = new("TFX2041", Severity.Warning, "Lines of a range log cannot be read", "{0} lines of '{1}' look like ranges but cannot be read; they are left out")
    {
        Cause = "The log of a run was cut or mixed with other output in the middle of a line.",
        Remedy = "Nothing, when enough lines are left. Else write the log again, to a file of its own.",
        ExampleGraph = """
            x = Placeholder() {dtype=qint32, shape=(4)}
            low = Placeholder() {dtype=float, shape=()}
            high = Placeholder() {dtype=float, shape=()}
            range = RequantizationRange(x, low, high) {Tinput=qint32}
            y = Requantize(x, low, high, range, range:1) {Tinput=qint32, out_type=quint8}
            """,
        ExampleCommands = """
            echo ';range__print__;__requant_min_max:[-1][2]' > run.log
            echo ';range__print__;__requant_min_max:[a][b]' >> run.log
            transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x,low,high --outputs=y --transforms='freeze_requantization_ranges(min_max_log_file=run.log)'
            """,
    };

    /// <summary>Arguments: the layers.</summary>
    public static readonly DiagnosticDescriptor ChannelsOutOfBalance = new("TFX2042", Severity.Warning, "Channels of weights differ too much in range", "one 8-bit range for all channels leaves little of {0}")
    {
        Cause = "A few channels have weights many times as large as those of the others, which then share a few of the 256 values.",
        Remedy = "Give each channel its own range ('quantize', or quantize(weights_only=true)), or equalize the channels before ('equalize'). 'evaluate' shows what is lost.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,2)}
            w = Const() {dtype=float, value=float[2,4]{1, 0.001, 0.001, 0.001, 1, 0.001, 0.001, 0.001}}
            y = MatMul(x, w) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='quantize_weights(minimum_size=1)'",
    };

    public static readonly DiagnosticDescriptor NothingQuantized = new("TFX2050", Severity.Warning, "Nothing was quantized", "nothing was quantized")
    {
        Cause = "The graph has no convolution or matrix product with constant weights, or each of them was left in float for a reason of its own.",
        Remedy = "--explain=quantize tells why, node by node.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='quantize'",
    };

    /// <summary>Arguments: the node, its op, the reason.</summary>
    public static readonly DiagnosticDescriptor StaysFloat = new("TFX2051", Severity.Warning, "Layer stays float", "'{0}' ({1}) stays float: {2}")
    {
        Cause = "A convolution or matrix product cannot be quantized: the range of its data is not known, its weights are not constant, or the target has no integer op for it.",
        Remedy = "Calibrate the graph that the step gets ('transform_graph calibrate', or 'transform_graph quantize', which does both), or exclude the layer.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,2)}
            w = Const() {dtype=float, value=float[2,2]{1, 2, 3, 4}}
            y = MatMul(x, w) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='quantize'",
    };

    /// <summary>Arguments: the constant, the number of such elements, the number of all.</summary>
    public static readonly DiagnosticDescriptor NotFiniteConstant = new("TFX2052", Severity.Warning, "A constant is not finite", "the constant '{0}' has {1} NaN or infinite elements of {2}")
    {
        Cause = "Training diverged, or a division by a variance of 0 was folded into the constant. 8-bit values cannot express such elements.",
        Remedy = "Look at the model's training; layers that read the constant stay float.",
        Example = "quantize(ranges=\"r.json\")    # with a filter that holds NaN",
    };

    /// <summary>Arguments: the tensor, the largest magnitude, the usual one.</summary>
    public static readonly DiagnosticDescriptor OutlierRange = new("TFX2053", Severity.Warning, "A range is that of outliers", "the range of '{0}' is that of outliers: it reaches to {1:G4}, 99.99 % of its magnitudes to {2:G4}")
    {
        Cause = "A few values of the samples are far larger than all others, so that nearly all values share few of the 255 steps.",
        Remedy = "Calibrate with --method=mean_squared_error or percentile, look at the samples, or exclude the layers that read the tensor.",
        Example = "quantize(ranges=\"min_max.ranges\")    # of samples with one broken image",
    };
}
