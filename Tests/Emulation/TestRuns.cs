using System.Reflection;
using Xunit.Sdk;

namespace TransformFramework.Emulation;

/// <summary>Runs theories of a test assembly in this process, without a test host, which an emulator would take minutes to start.</summary>
internal sealed class TestRuns(TextWriter log)
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    /// <summary>Runs a theory with those rows of its data that a condition takes.</summary>
    /// <param name="tests">The class of the theory.</param>
    /// <param name="theory">Its name.</param>
    /// <param name="takes">The condition.</param>
    public void Run(Type tests, string theory, Func<object?[], bool> takes)
    {
        MethodInfo method = tests.GetMethod(theory)!;
        TimeSpan start = Environment.CpuUsage.TotalTime;
        int before = Passed;
        foreach (object?[] row in method.GetCustomAttributes<DataAttribute>().SelectMany(attribute => attribute.GetData(method)).Where(takes))
            Run(tests, method, row);
        log.WriteLine($"{tests.Name}.{theory}: {Passed - before} passed in {(Environment.CpuUsage.TotalTime - start).TotalSeconds:0.0} s");
    }

    private void Run(Type tests, MethodInfo method, object?[] row)
    {
        try
        {
            object? result = method.Invoke(Activator.CreateInstance(tests), row);
            (result as Task)?.GetAwaiter().GetResult();
            Passed++;
        }
        catch (TargetInvocationException exception) when (exception.InnerException is Xunit.SkipException)
        {
            Skipped++;
        }
        catch (TargetInvocationException exception)
        {
            Failed++;
            log.WriteLine($"FAILED {tests.Name}.{method.Name}({string.Join(", ", row)}): {exception.InnerException}");
        }
    }
}
