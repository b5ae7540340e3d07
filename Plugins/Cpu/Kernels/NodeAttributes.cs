using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Attributes as kernels read them: an absent one, or one of another kind, is refused.</summary>
internal static class NodeAttributes
{
    public static int Int(this Node node, string name) => checked((int)node.Get<IntValue>(name).Value);

    public static long Long(this Node node, string name) => node.Get<IntValue>(name).Value;

    public static float Float(this Node node, string name) => node.Get<FloatValue>(name).Value;

    public static bool Bool(this Node node, string name) => node.Get<BoolValue>(name).Value;

    public static string Text(this Node node, string name) => node.Get<BytesValue>(name).Text;

    public static DataType Type(this Node node, string name) => node.Get<TypeValue>(name).Value.Base();

    public static TensorShape Shape(this Node node, string name) => node.Get<ShapeValue>(name).Value;

    public static long[] Longs(this Node node, string name) =>
        [.. node.Get<ListValue>(name).Items.Select(item => item is IntValue value ? value.Value : throw Refuse.Invalid($"attribute '{name}' is not a list of integers"))];

    public static float[] Floats(this Node node, string name) =>
        [.. node.Get<ListValue>(name).Items.Select(item => item is FloatValue value ? value.Value : throw Refuse.Invalid($"attribute '{name}' is not a list of floats"))];

    public static string[] Texts(this Node node, string name) =>
        [.. node.Get<ListValue>(name).Items.Select(item => item is BytesValue value ? value.Text : throw Refuse.Invalid($"attribute '{name}' is not a list of strings"))];

    public static int[] Ints(this Node node, string name) => [.. node.Longs(name).Select(value => checked((int)value))];

    /// <summary>A text that must be one of some.</summary>
    public static string Choice(this Node node, string name, params string[] allowed)
    {
        string value = node.Text(name);
        return allowed.Contains(value, StringComparer.Ordinal) ? value : throw Refuse.Invalid($"attribute '{name}' is \"{value}\"; supported are {string.Join(", ", allowed)}");
    }

    private static T Get<T>(this Node node, string name)
        where T : AttributeValue
    {
        if (!node.Attributes.TryGetValue(name, out var value))
            throw Refuse.Invalid($"NodeDef missing attr '{name}' from Op<name={node.Op}>");
        return value as T ?? throw Refuse.Invalid($"attribute '{name}' has a value of kind {value.Kind}");
    }
}

/// <summary>Refusals of kernels; the executor adds node and op.</summary>
internal static class Refuse
{
    public static ExecutionException Invalid(string message) => new(StatusKind.InvalidArgument, message);

    public static ExecutionException Unimplemented(string message) => new(StatusKind.Unimplemented, message);

    public static ExecutionException Type(DataType type, string supported) => Unimplemented($"no kernel for type {type.Name()}; supported are {supported}");
}
