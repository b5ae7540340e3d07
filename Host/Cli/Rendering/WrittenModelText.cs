using System.Globalization;
using TransformFramework.Engine.Models;

namespace TransformFramework.Cli.Rendering;

/// <summary>Says what was written.</summary>
internal static class WrittenModelText
{
    /// <summary>One line: path, bytes where they are counted, format, inputs and outputs.</summary>
    public static string Describe(WrittenModel written)
    {
        string inputs = written.Inputs.IsEmpty ? "" : $", inputs {string.Join(", ", written.Inputs)}";
        string outputs = written.Outputs.IsEmpty ? "" : $", outputs {string.Join(", ", written.Outputs)}";
        string size = written.Bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{written.Bytes:N0} bytes, ");
        return string.Create(CultureInfo.InvariantCulture, $"{written.Path}: {size}{written.Format}, {written.Nodes} node{(written.Nodes == 1 ? "" : "s")}{inputs}{outputs}");
    }

    /// <summary>An object that serializes to JSON.</summary>
    public static object ToReport(WrittenModel written) => new
    {
        schema_version = 1,
        file = written.Path,
        format = written.Format,
        bytes = written.Bytes,
        nodes = written.Nodes,
        inputs = written.Inputs,
        outputs = written.Outputs,
    };
}
