using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>The lowest version of each operator that has what it is used with, and the lowest runtime that has that version.</summary>
internal static class OperatorVersions
{
    private static readonly Dictionary<string, string> Runtimes = LoadRuntimes();

    /// <summary>Operators of version 2 where they compute int8 (and 1 else).</summary>
    private static readonly HashSet<string> SecondForInt8 = new(StringComparer.Ordinal)
    {
        "ADD", "SUB", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D", "BATCH_MATMUL", "MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "MINIMUM", "MAXIMUM", "PAD", "PADV2", "MIRROR_PAD", "SLICE", "SPLIT", "SPLIT_V", "PACK", "UNPACK",
        "CONCATENATION", "TRANSPOSE", "GATHER", "STRIDED_SLICE", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "SOFTMAX", "LOGISTIC", "TANH", "LOG_SOFTMAX", "L2_NORMALIZATION", "RELU", "RELU6",
        "ABS", "SQUARED_DIFFERENCE", "ARG_MAX", "ARG_MIN", "TOPK_V2", "EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "LEAKY_RELU",
    };

    /// <summary>The version of an operator.</summary>
    public static int Of(OperatorDraft op)
    {
        TensorType data = Data(op)?.Type ?? TensorType.Float32;
        bool isInt8 = data == TensorType.Int8;
        switch (op.Name)
        {
            case "CONV_2D":
                bool isGrouped = op.Inputs[0]!.Rank == 4 && op.Inputs[1]!.Rank == 4 && op.Inputs[0]!.Shape[3] != op.Inputs[1]!.Shape[3];
                return isGrouped ? 6 : isInt8 ? 3 : IsHybrid(op) ? 5 : 1;
            case "DEPTHWISE_CONV_2D":
                return isInt8 ? 3 : IsHybrid(op) ? 6 : op.Options.Int("dilation_h") != 1 || op.Options.Int("dilation_w") != 1 ? 2 : 1;
            case "TRANSPOSE_CONV":
                return op.Inputs.Count > 3 && op.Inputs[3] is not null ? 3 : isInt8 ? 2 : 1;
            case "FULLY_CONNECTED":
                int least = IsHybrid(op) ? (op.Inputs[1]!.Quantization!.IsPerTensor ? (op.Options.Flag("asymmetric_quantize_inputs") ? 9 : 3) : 12) : isInt8 ? 4 : 1;
                return op.Options.Flag("keep_num_dims") ? Math.Max(5, least) : least;
            case "DEQUANTIZE":
                return op.Inputs[0]!.Type == TensorType.Float16 ? 3 : op.Inputs[0]!.Quantization is { IsPerTensor: false } ? 5 : 2;
            case "QUANTIZE":
                return data is TensorType.Int16 ? 2 : 1;
            case "ADD" when data == TensorType.Int64:
                return 4;
            case "SUB" when op.Inputs.Max(input => input!.Rank) > 4:
                return 3;
            case "RESIZE_BILINEAR" or "RESIZE_NEAREST_NEIGHBOR":
                return op.Options.Flag("half_pixel_centers") ? 3 : isInt8 ? 2 : 1;
            case "STRIDED_SLICE" when op.Options.Int("ellipsis_mask") != 0 || op.Options.Int("new_axis_mask") != 0:
                return 4;
            case "TRANSPOSE" when op.Inputs[0]!.Rank > 4:
                return 4;
            case "GATHER" when op.Options.Int("batch_dims") != 0:
                return 5;
            case "SOFTMAX" when data == TensorType.Int16:
                return 2;
            case "TILE":
                return isInt8 ? 3 : 1;
            case "BROADCAST_TO":
                return isInt8 ? 3 : 2;
            case "FLOOR_DIV":
                return data == TensorType.Float32 ? 2 : 1;
            case "DEPTH_TO_SPACE" or "SPLIT_V" or "LEAKY_RELU":
                return isInt8 ? 2 : 1;
            default:
                return isInt8 && SecondForInt8.Contains(op.Name) ? 2 : 1;
        }
    }

    /// <summary>The lowest runtime for an operator's version; empty when it is not known.</summary>
    public static string Runtime(string op, int version) => Runtimes.GetValueOrDefault($"{op} {version}", "");

    /// <summary>The versions of an operator whose runtime is known.</summary>
    public static IEnumerable<int> Known(string op) => Runtimes.Keys.Where(key => key.StartsWith(op + " ", StringComparison.Ordinal)).Select(key => int.Parse(key.AsSpan(op.Length + 1), System.Globalization.CultureInfo.InvariantCulture)).Order();

    private static bool IsHybrid(OperatorDraft op) => op.Inputs[0]!.Type == TensorType.Float32 && op.Inputs[1]!.Type == TensorType.Int8;

    private static TensorDraft? Data(OperatorDraft op) => op.Name is "SPLIT" ? op.Inputs[1] : op.Name == "TRANSPOSE_CONV" ? op.Inputs[2] : op.Inputs.FirstOrDefault();

    private static Dictionary<string, string> LoadRuntimes()
    {
        using Stream stream = typeof(OperatorVersions).Assembly.GetManifestResourceStream("runtime_versions.txt")
            ?? throw new InvalidOperationException("the table of runtime versions is missing from the assembly");
        using var reader = new StreamReader(stream);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
            found.Add(line[..line.LastIndexOf(' ')], line[(line.LastIndexOf(' ') + 1)..]);
        return found;
    }
}
