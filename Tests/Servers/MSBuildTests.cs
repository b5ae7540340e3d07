using System.Diagnostics;

namespace TransformFramework.Servers.Tests;

/// <summary>The item TransformGraph in a real build.</summary>
public sealed class MSBuildTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("msbuild").FullName;

    public MSBuildTests()
    {
        string build = Checkout.PathOf("Host/MSBuild/build");
        File.WriteAllText(At("app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <TransformGraphTasks>{Checkout.Tasks}</TransformGraphTasks>
                <TransformGraphTool>{Checkout.Program}</TransformGraphTool>
              </PropertyGroup>
              <Import Project="{build}/TransformFramework.MSBuild.props" />
              <ItemGroup>
                <TransformGraph Include="model.pb" Script="small.gtt" OutputFile="made/small.pb" Inputs="Placeholder" Outputs="DigitsNet/Predictions/Reshape_1" CopyToOutputDirectory="PreserveNewest" />
              </ItemGroup>
              <Import Project="{build}/TransformFramework.MSBuild.targets" />
            </Project>
            """);
        File.Copy(Checkout.Digits, At("model.pb"));
        File.WriteAllText(At("small.gtt"), "remove_nodes(op=Identity)\nfold_constants\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_is_made_once_copied_and_made_again_when_its_script_changes()
    {
        Assert.Contains("model.pb -> made/small.pb", Build(expectedExit: 0), StringComparison.Ordinal);
        Assert.True(File.Exists(At("bin/Debug/net10.0/small.pb")));
        long first = new FileInfo(At("made/small.pb")).Length;
        Assert.DoesNotContain("model.pb -> made/small.pb", Build(expectedExit: 0), StringComparison.Ordinal);
        File.WriteAllText(At("small.gtt"), "remove_nodes(op=Identity)\nfold_constants\nquantize_weights\n");
        File.SetLastWriteTimeUtc(At("small.gtt"), File.GetLastWriteTimeUtc(At("made/small.pb")).AddSeconds(2));
        Assert.Contains("model.pb -> made/small.pb", Build(expectedExit: 0), StringComparison.Ordinal);
        Assert.True(new FileInfo(At("made/small.pb")).Length < first);
    }

    [Fact]
    public void An_error_has_file_line_and_column_of_the_script()
    {
        File.WriteAllText(At("small.gtt"), "remove_device\n  fold_constant\n");
        string output = Build(expectedExit: 1);
        Assert.Contains("small.gtt(2,3): error TFX1010: ", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'fold_constants'?", output, StringComparison.Ordinal);
        Assert.False(File.Exists(At("made/small.pb")));
    }

    [Fact]
    public void A_model_that_cannot_be_read_is_named()
    {
        File.WriteAllText(At("model.pb"), "no model");
        string output = Build(expectedExit: 1);
        Assert.Matches(@"model\.pb ?: error TFX4\d\d\d: ", output);
    }

    private string At(string path) => Path.Combine(folder, path);

    private string Build(int expectedExit)
    {
        var start = new ProcessStartInfo("dotnet", ["build", "-v", "minimal", "-nologo", "-p:UseAppHost=false", "--disable-build-servers", "-nodeReuse:false"]) { WorkingDirectory = folder, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == expectedExit, output);
        return output;
    }
}
