using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Constant weights of a layer in the order that the format wants: float, half precision, or int8 with their scales; the latter two are converted by a DEQUANTIZE.</summary>
internal sealed class WeightsWriter
{
    private const int Levels = 127;

    private readonly NodeWriter node;
    private readonly TensorDraft source;
    private readonly Tensor elements;

    private WeightsWriter(NodeWriter node, TensorDraft source)
    {
        this.node = node;
        this.source = source;
        elements = source.Constant!;
    }

    /// <summary>The weights of an input.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">They are not constant.</exception>
    public static WeightsWriter Of(NodeWriter node, int input) => Find(node, input) ?? throw node.Decline($"its weights (input {input}) must be constant", "Fold constants first (fold_constants).");

    /// <summary>The weights of an input, or null when they are computed.</summary>
    public static WeightsWriter? Find(NodeWriter node, int input)
    {
        TensorDraft weights = node.In(input);
        TensorDraft? constants = weights.Constant is not null ? weights
            : node.Subgraph.Producer(weights) is { Name: "DEQUANTIZE" } dequantize && dequantize.Inputs[0]!.Constant is not null ? dequantize.Inputs[0]
            : null;
        if (constants is null && node.Subgraph.Producer(weights) is { Name: "RESHAPE" } reshape && node.Subgraph.Producer(reshape.Inputs[0]!) is { Name: "DEQUANTIZE" } inner && inner.Inputs[0]!.Constant is { } constant)
        {
            bool keepsLast = inner.Inputs[0]!.Quantization is not { IsPerTensor: false } scales || scales.Dimension == constant.Shape.Rank - 1;
            if (!keepsLast)
                return null;
            constants = TensorDraft.Of(inner.Inputs[0]!.Name, TensorLayout.Reshape(constant, [.. weights.Shape.Select(size => (long)size)]), inner.Inputs[0]!.Quantization);
        }
        return constants is null ? null : new(node, constants);
    }

    /// <summary>The scale of symmetric int8 values of a range.</summary>
    public static float ScaleOf(float end)
    {
        float scale = end / Levels;
        foreach (float candidate in (float[])[scale, MathF.BitIncrement(scale), MathF.BitDecrement(scale)])
        {
            if (Levels * candidate == end)
                return candidate;
        }
        return scale;
    }

    /// <summary>The weights as they are.</summary>
    public TensorDraft Unchanged() => Real(source);

    /// <summary>The weights with their dimensions in another order.</summary>
    public TensorDraft Transposed(params int[] order)
    {
        if (elements.Shape.Rank != order.Length)
            throw node.Decline($"its weights have {elements.Shape.Rank} dimensions, not {order.Length}");
        TfLiteQuantization? quantization = source.Quantization is { IsPerTensor: false } scales ? scales with { Dimension = Array.IndexOf(order, scales.Dimension) } : source.Quantization;
        return Real(TensorDraft.Of(source.Name, TensorLayout.Transpose(elements, order), quantization));
    }

    /// <summary>Depthwise weights [H, W, C, M] as [1, H, W, C·M].</summary>
    /// <param name="multiplier">M.</param>
    public TensorDraft Depthwise(out int multiplier)
    {
        if (elements.Shape.Rank != 4)
            throw node.Decline("its weights must have four dimensions");
        multiplier = (int)elements.Shape[3];
        TensorShape shape = elements.Shape;
        TfLiteQuantization? quantization = source.Quantization;
        if (quantization is { IsPerTensor: false } && quantization.Scales.Length != shape[2] * shape[3])
        {
            int copies = multiplier;
            quantization = quantization with { Scales = [.. quantization.Scales.SelectMany(scale => Enumerable.Repeat(scale, copies))], ZeroPoints = [.. quantization.ZeroPoints.SelectMany(zero => Enumerable.Repeat(zero, copies))] };
        }
        if (quantization is { IsPerTensor: false })
            quantization = quantization with { Dimension = 3 };
        return Real(TensorDraft.Of(source.Name, TensorLayout.Reshape(elements, 1, shape[0], shape[1], shape[2] * shape[3]), quantization));
    }

    private TensorDraft Real(TensorDraft weights) => weights.Type == TensorType.Float32 ? node.Subgraph.Model.Shared(weights) : node.Emit("DEQUANTIZE", [node.Subgraph.Model.Shared(weights)], TensorType.Float32);
}
