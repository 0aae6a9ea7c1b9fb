namespace MnistGpu.Cli.Benchmarking.Html;

/// <summary>
/// The look of the report. None of XML's special characters may be used: HTML takes a style as it is.
/// </summary>
internal static class Style
{
    public const string Css = """

        :root { --back: #ffffff; --front: #1a1c20; --quiet: #5a6068; --line: #d9dce1; --axis: #8a9099; --warn: #8a3b00;
          --s0: #5b6270; --s1: #0b62c4; --s2: #b4410e; --s3: #0d7a4f; --s4: #8b2fa8; --s5: #a8124f; }
        @media (prefers-color-scheme: dark) {
          :root { --back: #14161a; --front: #e8eaee; --quiet: #a5abb5; --line: #31353d; --axis: #7c828d;
            --warn: #ffb27a;
            --s0: #b3bac6; --s1: #6cb0ff; --s2: #ff9866; --s3: #58d3a0; --s4: #d59af0; --s5: #ff85b0; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--back); color: var(--front); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 1240px; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0; }
        h2 { font-size: 1.25rem; margin: 2.2rem 0 0.3rem; }
        p { max-width: 46rem; margin: 0.4rem 0; }
        .conclusions { max-width: 46rem; padding-left: 1.2rem; font-size: 1.1rem; }
        .quiet { color: var(--quiet); font-size: 0.9rem; }
        .warning { color: var(--warn); font-weight: 600; }
        .beside { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start; }
        .beside figure { flex: 1 1 340px; }
        .tables { flex: 2 1 340px; min-width: 0; }
        .grid-of-figures { display: grid; gap: 1.5rem 2rem;
          grid-template-columns: repeat(auto-fill, minmax(min(100%, 350px), 1fr)); }
        figure { min-width: 0; max-width: 460px; margin: 0; }
        figcaption { font-weight: 600; margin: 0.6rem 0 0.3rem; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--front); font: 12px system-ui, sans-serif; }
        svg text.quiet { fill: var(--quiet); font-size: 11px; }
        svg text.strong { font-weight: 600; }
        .grid { stroke: var(--line); }
        .axis { stroke: var(--axis); }
        .level { stroke: var(--front); stroke-width: 1.5; }
        .place { stroke: var(--front); stroke-dasharray: 4 3; }
        .range { stroke-width: 1.5; }
        .quartiles { stroke-width: 5; opacity: 0.6; }
        .curve { fill: none; stroke-width: 2; }
        .series0 { stroke: var(--s0); } .series1 { stroke: var(--s1); } .series2 { stroke: var(--s2); }
        .series3 { stroke: var(--s3); } .series4 { stroke: var(--s4); } .series5 { stroke: var(--s5); }
        .mark { stroke: none; }
        .mark.series0 { fill: var(--s0); } .mark.series1 { fill: var(--s1); } .mark.series2 { fill: var(--s2); }
        .mark.series3 { fill: var(--s3); } .mark.series4 { fill: var(--s4); } .mark.series5 { fill: var(--s5); }
        .scroll { overflow-x: auto; margin: 0.5rem 0 1rem; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        th, td { padding: 0.25rem 0.7rem 0.25rem 0; text-align: right; white-space: nowrap;
          border-bottom: 1px solid var(--line); }
        thead th { color: var(--quiet); font-weight: 500; vertical-align: bottom; white-space: normal;
          max-width: 9rem; }
        tbody th, th:first-child { text-align: left; font-weight: 600; }
        .pairs td { text-align: left; white-space: normal; }

        """;
}
