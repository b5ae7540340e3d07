using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>An operator of the file as its converter reads it, and the graph that the converter adds to.</summary>
internal sealed class OperatorReader(SubgraphReader subgraph, TfLiteOperator op)
{
    public string Name => op.Schema.Name;

    /// <summary>The operator by its schema's name; a custom one by <c>CUSTOM:</c> and its code.</summary>
    public string QualifiedName => op.Schema.Number == OperatorSchema.Custom ? "CUSTOM:" + op.CustomCode : Name;

    public string CustomCode => op.CustomCode;

    public ReadOnlyMemory<byte> CustomOptions => op.CustomOptions;

    public int Version => op.Version;

    public OptionValues Options => op.Options;

    public SubgraphReader Subgraph => subgraph;

    public GraphDraft Graph => subgraph.Graph;

    public int InputCount => op.Inputs.Length;

    public int OutputCount => op.Outputs.Length;

    public ImmutableArray<int> Intermediates => op.Intermediates;

    /// <summary>True when an input is there.</summary>
    public bool Has(int input) => input < op.Inputs.Length && op.Inputs[input] >= 0;

    /// <summary>An input.</summary>
    /// <exception cref="ModelFormatException">It is absent.</exception>
    public TensorViews Input(int input) => Has(input) ? subgraph.Tensors[op.Inputs[input]] : throw Refusal($"input {input} is missing");

    /// <summary>An output.</summary>
    /// <exception cref="ModelFormatException">It is absent.</exception>
    public TensorViews Output(int output = 0) => output < op.Outputs.Length ? subgraph.Tensors[op.Outputs[output]] : throw Refusal($"output {output} is missing");

    /// <summary>Real values of an input, or its elements when it is not quantized.</summary>
    public Value Real(int input) => Input(input).Real;

    /// <summary>Elements of an input, of the file's type.</summary>
    public Value Stored(int input) => Input(input).Stored;

    /// <summary>The integers of a constant input, or null when it is computed.</summary>
    public long[]? Integers(int input) => Input(input).Constant switch
    {
        null => null,
        { Type: DataType.Int32 } constant => Array.ConvertAll(constant.AsSpan<int>().ToArray(), value => (long)value),
        { Type: DataType.Int64 } constant => constant.AsSpan<long>().ToArray(),
        { Type: DataType.Int16 } constant => Array.ConvertAll(constant.AsSpan<short>().ToArray(), value => (long)value),
        var constant => throw Refusal($"input {input} holds {constant.Type.Name()}, not integers"),
    };

    /// <summary>Rank of an input, by the shape in the file.</summary>
    public int Rank(int input) => Input(input).Tensor.Shape.Length;

    /// <summary>Adds a node and gives its first output.</summary>
    public Value Node(string type, ImmutableArray<Value> inputs, params IEnumerable<(string Name, AttributeValue Value)> attributes) => new(Graph.Add(type, inputs, attributes));

    /// <summary>The fused activation of the options after a value.</summary>
    public Value Activate(Value value) => Activate(value, Options.Int("activation"));

    /// <summary>An activation by its number.</summary>
    public Value Activate(Value value, int activation) => activation switch
    {
        0 => value,
        1 => Node("Relu", [value]),
        2 => Clip(value, -1, 1),
        3 => Node("Relu6", [value]),
        4 => Node("Tanh", [value]),
        _ => throw Refusal($"activation {activation} has no counterpart"),
    };

    /// <summary>The value between two numbers.</summary>
    public Value Clip(Value value, float least, float most) => Node("ClipByValue", [value, Graph.Constant(least), Graph.Constant(most)]);

    /// <summary>Defines an output by real values, or by elements when it is not quantized.</summary>
    /// <param name="value">The values.</param>
    /// <param name="output">Number of the output.</param>
    /// <param name="isExact">True when quantized outputs hold the inputs' own values, so that nothing is rounded.</param>
    public void Result(Value value, int output = 0, bool isExact = false)
    {
        TensorViews result = Output(output);
        if (!(result.IsQuantized && value.Type == DataType.Float) && value.Type != result.Tensor.Type.ToGraph())
            throw Refusal($"its result is of {value.Type.Name()}, but the file says {result.Tensor.Type.Name()}");
        if (!result.IsQuantized || value.Type != DataType.Float)
            result.DefineStored(value);
        else
            result.DefineReal(value, isExact && op.Inputs.Any(input => input >= 0 && HasRangeOf(subgraph.Tensors[input].Tensor, result.Tensor)));
    }

    /// <summary>Refuses the operator.</summary>
    public ModelFormatException Refusal(string why, string? suggestion = null) => TfLiteDiagnostics.Unreadable($"{op.Name}: {why}", suggestion);

    private static bool HasRangeOf(TfLiteTensor one, TfLiteTensor other) =>
        one.Type == other.Type && one.Quantization is { IsPerTensor: true } left && other.Quantization is { IsPerTensor: true } right
        && left.Scale.Equals(right.Scale) && left.ZeroPoint == right.ZeroPoint;
}
