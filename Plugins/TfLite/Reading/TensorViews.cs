using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>
/// A tensor of the file as the graph has it, in up to three ways, each made when it is first asked for: <b>stored</b> elements of the file's type; 8-bit <b>quantized</b> values as quint8
/// (int8 ones plus 128); <b>real</b> values as float. What is not quantized has stored values only.
/// </summary>
internal sealed class TensorViews(TfLiteTensor tensor, GraphDraft graph, Tensor? elements, string name)
{
    private Tensor? constant = elements;
    private Value? stored;
    private Value? quantized;
    private Value? real;

    public TfLiteTensor Tensor => tensor;

    /// <summary>The elements, when they are in the file.</summary>
    public Tensor? Constant => constant;

    /// <summary>The constant that a DEQUANTIZE makes this tensor of, or null: weights that are stored in 8 or 16 bits.</summary>
    public TensorViews? Origin { get; set; }

    /// <summary>Name for the node that computes it.</summary>
    public string Name => name;

    /// <summary>True when real values are behind the stored ones.</summary>
    public bool IsQuantized => tensor.Quantization is { } quantization && tensor.Type is TensorType.Int8 or TensorType.UInt8 or TensorType.Int16 or TensorType.Int4
        && (quantization.IsPerTensor || constant is not null);

    /// <summary>True when nothing has defined it yet.</summary>
    public bool IsUndefined => stored is null && quantized is null && real is null && constant is null;

    /// <summary>Elements of the file's type.</summary>
    public Value Stored => stored ??= Scoped(() => constant is not null ? graph.Constant(constant, name)
        : tensor.Type == TensorType.Int16 ? Quantization16.Quantize(graph, real!.Value, Scale)
        : Quantization8.ToStored(graph, Quantized, tensor.Type, Range));

    /// <summary>8-bit quantized values as quint8.</summary>
    public Value Quantized => quantized ??= Scoped(() => constant is null && stored is null ? Quantization8.Quantize(graph, Range, real!.Value)
        : constant is not null ? graph.Constant(Quantization8.ToUnsigned(constant), name) : Quantization8.FromStored(graph, stored!.Value, Range));

    /// <summary>Real values; of what is not quantized the stored ones.</summary>
    public Value Real => !IsQuantized ? Stored : real ??= Scoped(() => tensor.Type == TensorType.Int16 && constant is null ? Quantization16.Dequantize(graph, Stored, Scale)
        : constant is not null ? ConstantReal(constant, tensor.Quantization!.Dimension) : Quantization8.Dequantize(graph, Range, Quantized));

    /// <summary>Range of the quantized values.</summary>
    public QuantizedRange Range => QuantizedRange.Of(tensor);

    private float Scale => tensor.Quantization!.Scale;

    /// <summary>Defines it as a constant.</summary>
    public void DefineConstant(Tensor value) => constant = value;

    /// <summary>Defines it by elements of the file's type.</summary>
    public void DefineStored(Value value) => stored = Named(value);

    /// <summary>Defines it by quint8 values.</summary>
    public void DefineQuantized(Value value) => quantized = Named(value);

    /// <summary>Defines it by real values; what they are rounded to is computed when it is read.</summary>
    /// <param name="value">Float values.</param>
    /// <param name="isExact">True when every value is one of the quantized ones already.</param>
    public void DefineReal(Value value, bool isExact)
    {
        if (isExact)
        {
            real = Named(value);
            return;
        }
        if (tensor.Type == TensorType.Int16)
            stored = Named(Quantization16.Quantize(graph, value, Scale));
        else
            quantized = Named(Quantization8.Quantize(graph, Range, value));
    }

    /// <summary>Real values of a constant whose elements were rearranged: weights stay 8 bits wide in the graph.</summary>
    /// <param name="elements">The elements in the file's type.</param>
    /// <param name="dimension">The dimension that scales belong to, when there are several.</param>
    /// <param name="scales">Other scales than those in the file; null for the file's.</param>
    public Value ConstantReal(Tensor elements, int dimension, TfLiteQuantization? scales = null)
    {
        TfLiteQuantization quantization = scales ?? tensor.Quantization!;
        if (tensor.Type is not (TensorType.Int8 or TensorType.Int4) || quantization.ZeroPoints.Any(zero => zero != 0))
            return graph.Constant(RealValues.Of(elements, quantization, dimension), name);
        Value weights = graph.Constant(Graphs.Tensor.FromContent(DataType.QInt8, elements.Shape, elements.Bytes), name + "/quantized");
        TensorShape shape = quantization.IsPerTensor ? TensorShape.Scalar : TensorShape.Of(quantization.Scales.Length);
        float[] ends = [.. quantization.Scales.Select(scale => 127 * scale)];
        Value min = graph.Constant(Graphs.Tensor.Create<float>(DataType.Float, shape, [.. ends.Select(end => -end)]), name + "/range_min");
        Value max = graph.Constant(Graphs.Tensor.Create<float>(DataType.Float, shape, ends), name + "/range_max");
        var node = NodeDraft.Of("Dequantize", [weights, min, max], quantization.IsPerTensor ? [("mode", "SCALED")] : [("mode", "SCALED"), ("axis", dimension)]);
        node.Name = name + "/dequantized";
        return new(graph.Add(node));
    }

    private Value Scoped(Func<Value> make)
    {
        if (IsUndefined)
            throw TfLiteDiagnostics.Invalid($"tensor '{tensor.Name}' is read, but nothing gives it");
        string scope = graph.Scope;
        graph.Scope = name;
        try
        {
            return make();
        }
        finally
        {
            graph.Scope = scope;
        }
    }

    /// <summary>Lets the node that computes the tensor have its name.</summary>
    private Value Named(Value value)
    {
        if (value.Port == 0 && !value.Node.IsNamed && value.Node.Op != "Const")
            value.Node.Name = name;
        return value;
    }
}
