using System.Collections.Immutable;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu;

/// <summary>Runs one node on fed inputs.</summary>
internal static class NodeRun
{
    public static ImmutableArray<Tensor> Run(string op, AttributeMap attributes, int outputs, params Tensor[] inputs)
    {
        var placeholders = inputs.Select((input, i) => new Node($"x{i}", "Placeholder") { Attributes = AttributeMap.Of(("dtype", input.Type)) });
        var node = new Node("op", op, [.. inputs.Select((_, i) => new NodeInput($"x{i}"))], attributes);
        string[] fetches = [.. Enumerable.Range(0, outputs).Select(port => $"op:{port}")];
        var executable = new CpuBackend().Compile(new Graph([.. placeholders, node]), fetches, CompileOptions.Default);
        return executable.Run(inputs.Select((input, i) => (Name: $"x{i}", input)).ToDictionary(pair => pair.Name, pair => pair.input));
    }

    /// <summary>Runs nodes that read constants, named c0, c1, … in order.</summary>
    public static ImmutableArray<Tensor> RunAll(Tensor[] constants, Node[] nodes, params string[] outputs)
    {
        var values = constants.Select((value, i) => new Node($"c{i}", "Const") { Attributes = AttributeMap.Of(("dtype", value.Type), ("value", value)) });
        return new CpuBackend().Compile(new Graph([.. values, .. nodes]), outputs, CompileOptions.Default).Run(new Dictionary<string, Tensor>());
    }

    /// <summary>A node that reads the inputs named in a text, separated by blanks.</summary>
    public static Node Op(string name, string op, string inputs = "", AttributeMap? attributes = null) =>
        new(name, op, [.. inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(input => new NodeInput(input))], attributes ?? AttributeMap.Empty);

    public static Tensor Run(string op, AttributeMap attributes, params Tensor[] inputs) => Run(op, attributes, 1, inputs)[0];

    public static StatusKind Refusal(string op, AttributeMap attributes, params Tensor[] inputs) =>
        Assert.Throws<ExecutionException>(() => Run(op, attributes, 1, inputs)).Kind;

    public static Tensor Words(params string[] strings) => Words(TensorShape.Of(strings.Length), strings);

    public static Tensor Words(TensorShape shape, params string[] strings) =>
        Tensor.FromStrings(shape, [.. strings.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))]);

    public static Tensor Ints(params int[] values) => Tensor.Create<int>(DataType.Int32, TensorShape.Of(values.Length), values);

    public static Tensor Longs(TensorShape shape, params long[] values) => Tensor.Create<long>(DataType.Int64, shape, values);

    public static Tensor Floats(TensorShape shape, params float[] values) => Tensor.Create<float>(DataType.Float, shape, values);

    public static Tensor Reshaped(this Tensor tensor, params long[] shape) => Tensor.FromContent(tensor.Type, TensorShape.Of(shape), tensor.Bytes);

    public static string[] Strings(this Tensor tensor) => [.. tensor.Strings.Select(bytes => Encoding.UTF8.GetString(bytes.Span))];
}
