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
        "ABS", "SQUARED_DIFFERENCE", "ARG_MAX", "ARG_MIN", "TOPK_V2", "EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "DEPTH_TO_SPACE", "RSQRT", "EXP", "LOG", "SQRT", "REDUCE_PROD",
        "GELU",
    };

    /// <summary>The version of an operator.</summary>
    public static int Of(OperatorDraft op)
    {
        TensorType data = Data(op)?.Type ?? TensorType.Float32;
        bool isInt8 = data == TensorType.Int8;
        bool isInt16 = data == TensorType.Int16;
        switch (op.Name)
        {
            case "CONV_2D":
                bool isGrouped = op.Inputs[0]!.Rank == 4 && op.Inputs[1]!.Rank == 4 && op.Inputs[0]!.Shape[3] != op.Inputs[1]!.Shape[3];
                return isGrouped ? 6 : isInt16 ? 4 : isInt8 ? 3 : IsHybrid(op) ? 5 : 1;
            case "DEPTHWISE_CONV_2D":
                return isInt16 ? 5 : isInt8 ? 3 : IsHybrid(op) ? 6 : op.Options.Int("dilation_h") != 1 || op.Options.Int("dilation_w") != 1 ? 2 : 1;
            case "TRANSPOSE_CONV":
                return op.Inputs.Count > 3 && op.Inputs[3] is not null ? 3 : isInt8 ? 2 : 1;
            case "FULLY_CONNECTED":
                int least = IsHybrid(op) ? (op.Inputs[1]!.Quantization!.IsPerTensor ? (op.Options.Flag("asymmetric_quantize_inputs") ? 9 : 3) : 12) : isInt16 ? 7 : isInt8 ? 4 : 1;
                return op.Options.Flag("keep_num_dims") ? Math.Max(5, least) : least;
            case "DEQUANTIZE":
                return op.Inputs[0]!.Type is TensorType.Float16 or TensorType.Int16 ? 3 : op.Inputs[0]!.Quantization is { IsPerTensor: false } ? 5 : 2;
            case "QUANTIZE":
                return isInt16 || op.Outputs[0].Type == TensorType.Int16 ? 2 : 1;
            case "ADD" or "SUB" when data == TensorType.Int64:
                return 4;
            case "MUL" when data == TensorType.Int64:
                return 5;
            case "MUL" when isInt8 && Rescale(op) >= 1:
                return 3;
            case "ABS" when data == TensorType.Int32:
                return 5;
            case "SIGN" when data == TensorType.Int32:
                return 2;
            case "SPLIT" when data == TensorType.Int32:
                return 3;
            case "RANGE" when data == TensorType.Int64:
                return 2;
            case "WHERE" when data != TensorType.Bool:
                return 2;
            case "CAST":
                return VersionOfCast(data, op.Outputs[0].Type);
            case "GATHER" or "TRANSPOSE" or "STRIDED_SLICE" or "UNPACK" or "ARG_MAX" or "ARG_MIN" when data == TensorType.Bool:
                return 3;
            case "REVERSE_V2":
                return isInt8 ? 3 : data == TensorType.Bool ? 2 : 1;
            case "FILL":
                return op.Inputs[1]!.Type switch { TensorType.Int8 or TensorType.Int16 => 3, TensorType.Bool or TensorType.String => 2, _ => 1 };
            case "SUB" or "MAXIMUM" or "MINIMUM" when op.Inputs.Max(input => input!.Rank) > 4:
                return 3;
            case "DIV" when op.Inputs.Max(input => input!.Rank) > 4:
                return 2;
            case "SPACE_TO_BATCH_ND" or "BATCH_TO_SPACE_ND" when op.Inputs[0]!.Rank != 4:
                return 3;
            case "RESIZE_BILINEAR" or "RESIZE_NEAREST_NEIGHBOR":
                bool isNearestAligned = op.Name == "RESIZE_NEAREST_NEIGHBOR" && op.Options.Flag("align_corners");
                return op.Options.Flag("half_pixel_centers") || isNearestAligned ? 3 : isInt8 ? 2 : 1;
            case "STRIDED_SLICE" when op.Options.Int("ellipsis_mask") != 0 || op.Options.Int("new_axis_mask") != 0 || op.Inputs[0]!.Rank > 4:
                return 4;
            case "TRANSPOSE" when op.Inputs[0]!.Rank > 4:
                return op.Inputs[0]!.Rank > 5 ? 6 : 4;
            case "SLICE" when op.Inputs[0]!.Rank > 4:
                return 5;
            case "PAD" or "PADV2" when op.Inputs[0]!.Rank > 4:
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
            default:
                return isInt8 && SecondForInt8.Contains(op.Name) ? 2 : 1;
        }
    }

    /// <summary>The lowest runtime for an operator's version; empty when it is not known.</summary>
    public static string Runtime(string op, int version) => Runtimes.GetValueOrDefault($"{op} {version}", "");

    /// <summary>The versions of an operator whose runtime is known.</summary>
    public static IEnumerable<int> Known(string op) => Runtimes.Keys.Where(key => key.StartsWith(op + " ", StringComparison.Ordinal)).Select(key => int.Parse(key.AsSpan(op.Length + 1), System.Globalization.CultureInfo.InvariantCulture)).Order();

    private static bool IsHybrid(OperatorDraft op) => op.Inputs[0]!.Type == TensorType.Float32 && op.Inputs[1]!.Type == TensorType.Int8;

    /// <summary>What a product of the inputs' units comes to in the output's.</summary>
    private static float Rescale(OperatorDraft op)
    {
        float Scale(TensorDraft? tensor) => tensor?.Quantization is { Scales: [var scale, ..] } ? scale : 0;
        return Scale(op.Outputs[0]) is > 0 and var result ? Scale(op.Inputs[0]) * Scale(op.Inputs[1]) / result : 0;
    }

    private static int VersionOfCast(TensorType from, TensorType to)
    {
        bool Has(TensorType type) => from == type || to == type;
        if (Has(TensorType.Float64) || Has(TensorType.Float16))
            return 5;
        return Has(TensorType.UInt16) ? 4 : Has(TensorType.Int8) ? 3 : Has(TensorType.UInt32) ? 2 : 1;
    }

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
