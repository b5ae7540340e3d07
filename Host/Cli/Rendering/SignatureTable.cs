using System.Text;
using TransformFramework.Engine.Models.Detection;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Cli.Rendering;

/// <summary>Signatures as a table.</summary>
internal static class SignatureTable
{
    /// <summary>A block a signature: a line an input or output with public name, type, shape and tensor. The signature that was read has a star.</summary>
    public static string Text(ModelContent model)
    {
        var text = new StringBuilder();
        foreach (ModelSignature signature in model.Signatures)
        {
            text.Append($"signature {signature.Name}{(signature.Name == model.ChosenSignature ? " *" : "")}{(signature.Method.Length > 0 ? $" ({signature.Method})" : "")}\n");
            var rows = signature.Inputs.Select(tensor => ("input", tensor)).Concat(signature.Outputs.Select(tensor => ("output", tensor))).ToList();
            int names = rows.Select(row => row.tensor.Name.Length).DefaultIfEmpty(0).Max();
            int types = rows.Select(row => row.tensor.Type.Name().Length).DefaultIfEmpty(0).Max();
            int shapes = rows.Select(row => row.tensor.Shape.ToString().Length).DefaultIfEmpty(0).Max();
            foreach (var (kind, tensor) in rows)
                text.Append($"  {kind,-6}  {tensor.Name.PadRight(names)}  {tensor.Type.Name().PadRight(types)}  {tensor.Shape.ToString().PadRight(shapes)}  {tensor.Tensor}\n");
        }
        return text.ToString().TrimEnd('\n');
    }
}
