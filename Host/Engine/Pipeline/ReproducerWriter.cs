using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Keeps what is needed to see a failure again: the graph before the failing step, the rest of the script, the command.</summary>
public static class ReproducerWriter
{
    /// <summary>Writes <c>before.pb</c>, <c>rest.gtt</c> and <c>command.txt</c> into the folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="failure">The step that failed.</param>
    /// <param name="script">The whole script.</param>
    /// <param name="options">What the run was asked for.</param>
    /// <param name="further">Further options of the command, each with a blank before it.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="ModelFiles.ModelFormatException">The graph cannot be written.</exception>
    public static void Write(string folder, StepFailure failure, Script script, PipelineOptions options, string further, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        ModelFile.Save(failure.Before, Path.Combine(folder, "before.pb"), asText: false, cancellation);
        AtomicFile.WriteText(Path.Combine(folder, "rest.gtt"), ScriptFormatter.Format(new Script(script.Calls[failure.Step..])));
        string verbatim = options.Mode == Transforms.TransformMode.Verbatim ? " --verbatim" : "";
        string command = $"transform_graph --in_graph=before.pb --out_graph=after.pb --inputs={Quoted(options.InputNames)} --outputs={Quoted(options.OutputNames)} --transforms_file=rest.gtt{verbatim}{further}";
        AtomicFile.WriteText(Path.Combine(folder, "command.txt"), command + "\n");
    }

    private static string Quoted(IEnumerable<string> names) => $"'{string.Join(',', names).Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
