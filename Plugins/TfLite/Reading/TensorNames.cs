using System.Globalization;

namespace TransformFramework.TfLite.Reading;

/// <summary>Names of nodes from names of tensors: the characters that graphs allow, without what the converter joined by semicolons.</summary>
internal static class TensorNames
{
    /// <summary>The node's name, and the output that a name such as <c>Call:1</c> means.</summary>
    public static (string Node, int Port) Split(string tensor, int index)
    {
        string name = tensor.Split(';')[0];
        int colon = name.LastIndexOf(':');
        bool hasPort = int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && colon > 0 && port < 1000;
        string node = Clean(hasPort ? name[..colon] : name);
        return node.Length == 0 ? (string.Create(CultureInfo.InvariantCulture, $"tensor_{index}"), 0) : (node, hasPort ? port : 0);
    }

    /// <summary>One name for a tensor within a graph: the port, when there is one, is part of it.</summary>
    public static string Single(string tensor, int index)
    {
        var (node, port) = Split(tensor, index);
        return port == 0 ? node : string.Create(CultureInfo.InvariantCulture, $"{node}_{port}");
    }

    private static string Clean(string name)
    {
        string clean = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '-' or '>' or '\\' ? c : '_'));
        return clean.Length == 0 || char.IsAsciiLetterOrDigit(clean[0]) || clean[0] == '.' ? clean : "t" + clean;
    }
}
