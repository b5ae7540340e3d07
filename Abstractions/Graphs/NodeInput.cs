using System.Globalization;

namespace TransformFramework.Graphs;

/// <summary>
/// One entry of a node's input list, in the spelling of the file: <c>x</c> and <c>x:0</c> (output 0 of x), <c>x:1</c>, <c>^x</c> (control).
/// Equality is by spelling; <see cref="Canonical"/> gives a form in which <c>x</c> and <c>x:0</c> are the same.
/// </summary>
public readonly record struct NodeInput(string Text)
{
    /// <summary>Reference to an output of a node: <c>x</c> for port 0, <c>x:1</c> for others.</summary>
    public static NodeInput Data(string node, int port = 0) =>
        new(port == 0 ? node : string.Create(CultureInfo.InvariantCulture, $"{node}:{port}"));

    /// <summary>Reference that only orders execution: <c>^x</c>.</summary>
    public static NodeInput Control(string node) => new("^" + node);

    /// <summary>True when the entry begins with <c>^</c>.</summary>
    public bool IsControl => Text.StartsWith('^');

    /// <summary>The node's name without <c>^</c> and port; empty for an empty entry.</summary>
    public string Node
    {
        get
        {
            int colon = Text.IndexOf(':');
            if (colon < 0)
                return IsControl ? Text[1..] : Text;
            return IsControl ? Text[1..colon] : Text[..colon];
        }
    }

    /// <summary>What is between the first and the second colon with its colon (<c>:1</c>), or empty when there is no colon.</summary>
    public string Suffix
    {
        get
        {
            int colon = Text.IndexOf(':');
            if (colon < 0)
                return "";
            int second = Text.IndexOf(':', colon + 1);
            return second < 0 ? Text[colon..] : Text[colon..second];
        }
    }

    /// <summary>Output number; 0 when the entry has none; -1 for a control input or when the port is not a number.</summary>
    public int Port
    {
        get
        {
            if (IsControl)
                return -1;
            string suffix = Suffix;
            if (suffix.Length == 0)
                return 0;
            return int.TryParse(suffix.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : -1;
        }
    }

    /// <summary>Prefix, name and port, the port written out: <c>x:0</c>, <c>^x:0</c>.</summary>
    public string Canonical
    {
        get
        {
            int colon = Text.IndexOf(':');
            if (colon < 0)
                return Text + ":0";
            int second = Text.IndexOf(':', colon + 1);
            return second < 0 ? Text : Text[..second];
        }
    }

    /// <summary>The same reference, to another node: prefix and port are kept.</summary>
    public NodeInput WithNode(string node) => new((IsControl ? "^" : "") + node + Suffix);

    public static implicit operator NodeInput(string text) => new(text);

    public override string ToString() => Text;
}
