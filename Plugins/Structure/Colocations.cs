using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Structure;

/// <summary>The attribute <c>_class</c>: a list of strings <c>loc:@NODE</c> that place a node beside others.</summary>
internal static class Colocations
{
    private const string Attribute = "_class";
    private const string Prefix = "loc:@";

    /// <summary>The node with its colocations renamed; names that the map does not have stay.</summary>
    public static Node Rename(Node node, IReadOnlyDictionary<string, string> names)
    {
        if (!node.Attributes.TryGetValue(Attribute, out var value) || value is not ListValue list)
            return node;
        return node.With(Attribute, list with { Items = [.. list.Items.Select(item => Rename(item, names))] });
    }

    private static AttributeValue Rename(AttributeValue item, IReadOnlyDictionary<string, string> names)
    {
        if (item is not BytesValue bytes || !bytes.Text.StartsWith(Prefix, StringComparison.Ordinal) || !names.TryGetValue(bytes.Text[Prefix.Length..], out string? name))
            return item;
        return bytes with { Bytes = Encoding.UTF8.GetBytes(Prefix + name) };
    }
}
