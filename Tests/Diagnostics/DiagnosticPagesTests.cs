using System.Text;

namespace TransformFramework.Diagnostics.Tests;

/// <summary>Pages of docs/diagnostics, made from the descriptors and from what their examples print.</summary>
public sealed class DiagnosticPagesTests
{
    private const string Index = "README.md";

    public static TheoryData<string> Ids => [.. DescribedAssemblies.Descriptors.Select(descriptor => descriptor.Id)];

    public static TheoryData<string> Provoked => [.. DescribedAssemblies.Descriptors.Where(descriptor => descriptor.ExampleCommands.Length > 0).Select(descriptor => descriptor.Id)];

    [SkippableTheory]
    [MemberData(nameof(Provoked))]
    public void The_example_provokes_the_diagnostic(string id)
    {
        Skip.If(OperatingSystem.IsWindows(), "examples are commands of a Unix shell");
        DiagnosticDescriptor descriptor = Descriptor(id);
        Assert.True(ExampleRun.Reported(descriptor) is not null, $"{id} is not in: {ExampleRun.OutputOf(descriptor)}");
    }

    [SkippableTheory]
    [MemberData(nameof(Ids))]
    public void The_page_is_that_of_the_descriptor(string id)
    {
        Skip.If(OperatingSystem.IsWindows(), "pages show what examples print, which are commands of a Unix shell");
        Check(id + ".md", Page(Descriptor(id)));
    }

    [Fact]
    public void The_index_lists_every_page() => Check(Index, IndexPage());

    [Fact]
    public void Every_page_is_of_a_descriptor() => Assert.Equal(
        [Index, .. DescribedAssemblies.Descriptors.Select(descriptor => descriptor.Id + ".md")],
        Directory.EnumerateFiles(DescribedAssemblies.PagesFolder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));

    private static DiagnosticDescriptor Descriptor(string id) => DescribedAssemblies.Descriptors.First(descriptor => descriptor.Id == id);

    private static void Check(string name, string page) => GeneratedPage.Check($"docs/diagnostics/{name}", page);

    private static string Page(DiagnosticDescriptor descriptor)
    {
        var page = new StringBuilder($"# {descriptor.Id}: {descriptor.Title}\n\n{descriptor.Severity}");
        page.Append(descriptor.Text == "{0}" ? ".\n" : $": `{descriptor.Text}`\n");
        page.Append($"\n## Cause\n\n{descriptor.Cause}\n\n## What to do\n\n{descriptor.Remedy}\n\n## Example\n\n");
        if (descriptor.ExampleGraph.Length > 0)
            page.Append($"`graph.pb` holds\n\n```\n{descriptor.ExampleGraph}\n```\n\n");
        page.Append($"```\n{(descriptor.ExampleCommands.Length > 0 ? descriptor.ExampleCommands : descriptor.Example)}\n```\n");
        if (descriptor.ExampleCommands.Length > 0)
            page.Append($"\nprints\n\n```\n{ExampleRun.Reported(descriptor)}\n```\n");
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string IndexPage()
    {
        var page = new StringBuilder("""
            # Diagnostics

            Every message of the program has an id and a page: why it comes, what to do, and an example. `transform_graph describe TFX2032` prints a page.
            Ids that begin with `TFX` are this project's; plugins of others use a prefix of their own.

            | ids | about |
            |---|---|
            | TFX0xxx | scripts, command lines |
            | TFX1xxx | arguments of transforms, lint |
            | TFX2xxx | transforms |
            | TFX3xxx | plugins |
            | TFX40xx | files, formats |
            | TFX41xx | graphs before and after steps (410x, 412x to 414x), ONNX (the others) |
            | TFX42xx | TensorFlow Lite |
            | TFX43xx | SavedModel, checkpoints |
            | TFX44xx | Keras |
            | TFX45xx | TensorFlow.js |
            | TFX5xxx | running graphs, calibration, quantization |

            """.ReplaceLineEndings("\n"));
        foreach (DescribedAssembly assembly in DescribedAssemblies.All.OrderBy(assembly => assembly.Descriptors.Min(entry => entry.Descriptor.Id), StringComparer.Ordinal))
        {
            DiagnosticDescriptor[] descriptors = [.. assembly.Descriptors.Select(entry => entry.Descriptor).OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal)];
            page.Append($"\n## {assembly.Folder}: {descriptors[0].Id} to {descriptors[^1].Id}\n\n| id | | what |\n|---|---|---|\n");
            foreach (DiagnosticDescriptor descriptor in descriptors)
                page.Append($"| [{descriptor.Id}]({descriptor.Id}.md) | {descriptor.Severity.ToString().ToLowerInvariant()} | {descriptor.Title} |\n");
        }
        return page.ToString();
    }
}
