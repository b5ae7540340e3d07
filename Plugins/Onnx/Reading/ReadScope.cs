using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>Values by their names in the ONNX graph. The scope of a node's graph sees the values around the node; they become arguments of its function.</summary>
internal sealed class ReadScope(NodeEmitter emitter, IReadOnlyDictionary<string, long> opsets, ReadScope? outer = null)
{
    private readonly Dictionary<string, ReadValue> values = new(StringComparer.Ordinal);
    private readonly List<(ReadValue Outer, string Argument)> captures = [];

    public NodeEmitter Emitter => emitter;

    public IReadOnlyDictionary<string, long> Opsets => opsets;

    /// <summary>Values from around that the function needs, with the names of its arguments.</summary>
    public IReadOnlyList<(ReadValue Outer, string Argument)> Captures => captures;

    /// <summary>Types and shapes that the file states of values.</summary>
    public Dictionary<string, OnnxType> Declared { get; } = new(StringComparer.Ordinal);

    public void Set(string name, ReadValue value) => values[name] = value;

    /// <summary>True when the name means something here or around.</summary>
    public bool Knows(string name) => values.ContainsKey(name) || outer?.Knows(name) == true;

    public ReadValue? Find(string name)
    {
        if (values.TryGetValue(name, out ReadValue? value))
            return value;
        if (outer?.Find(name) is not { } around)
            return null;
        return ReferenceEquals(outer.Emitter, emitter) ? around : values[name] = Capture(around);
    }

    private ReadValue Capture(ReadValue around)
    {
        if (around.IsConstant)
            return new(emitter, around.Name, around.Info);
        if (around.Items is not null)
            return new(emitter, around.Name, around.Info) { Items = [.. around.Items.Select(Capture)], IsEmptyOptional = around.IsEmptyOptional };
        string argument = emitter.Fresh($"{around.Name.Replace('/', '_')}_outer");
        captures.Add((around, argument));
        DataType type = outer!.Emitter.TypeOf(around.Tensor);
        return new(emitter, around.Name, around.Info, emitter.Argument(argument, type));
    }
}
