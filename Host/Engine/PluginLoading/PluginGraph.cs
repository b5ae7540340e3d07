using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>Finds in a graph that a plugin made what the contract does not allow: absent parts, names that are no Unicode text, attributes that nest deeper than files may.</summary>
internal static class PluginGraph
{
    /// <summary>Messages nest up to 100 deep in files; a function within an attribute takes three.</summary>
    private const int DeepestFunction = 30;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is wrong, as the end of a sentence that begins with "gives"; null when nothing is.</summary>
    public static string? Flaw(Graph? graph)
    {
        if (graph is null)
            return "no graph";
        foreach (Node? node in graph.Nodes)
        {
            if (node is null)
                return "a graph with a node that is null";
            if (FlawOf(node) is { } flaw)
                return $"a node '{node.Name}' with {flaw}";
        }
        return null;
    }

    private static string? FlawOf(Node node)
    {
        if (!IsText(node.Name))
            return "no name, or one that is no Unicode text";
        if (!IsText(node.Op) || !IsText(node.Device))
            return "no op or device, or one that is no Unicode text";
        if (node.Inputs.IsDefault)
            return "no list of inputs";
        foreach (NodeInput input in node.Inputs)
        {
            if (!IsText(input.Text))
                return "an input that is no Unicode text";
        }
        return node.Attributes is null ? "no map of attributes" : FlawOf(node.Attributes, depth: 0);
    }

    private static string? FlawOf(AttributeMap attributes, int depth)
    {
        if (depth > DeepestFunction)
            return $"functions that nest deeper than {DeepestFunction} in an attribute";
        foreach (var (name, value) in attributes)
        {
            if (!IsText(name))
                return "an attribute whose name is no Unicode text";
            if (FlawOf(value, depth) is { } flaw)
                return flaw;
        }
        return null;
    }

    private static string? FlawOf(AttributeValue? value, int depth)
    {
        switch (value)
        {
            case null or TensorValue { Value: null } or ShapeValue { Value: null } or FunctionValue { Attributes: null } or ListValue { Items.IsDefault: true }:
                return "an attribute without a value";
            case PlaceholderValue placeholder:
                return IsText(placeholder.Name) ? null : "an attribute without a value";
            case FunctionValue function:
                return IsText(function.Name) ? FlawOf(function.Attributes, depth + 1) : "an attribute without a value";
            case ListValue list:
                return FlawOf(list, depth);
            default:
                return null;
        }
    }

    private static string? FlawOf(ListValue list, int depth)
    {
        foreach (AttributeValue? item in list.Items)
        {
            if (item is ListValue or PlaceholderValue or UnsetValue)
                return "a list of something that lists cannot hold";
            if (FlawOf(item, depth) is { } flaw)
                return flaw;
        }
        return null;
    }

    private static bool IsText(string? text)
    {
        if (text is null || !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            return text is not null;
        try
        {
            Strict.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
