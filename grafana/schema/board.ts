// What a dashboard of ours may be: Grafana's own types, with the panels and the data source that
// we use spelled out where Grafana says "any".
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as gauge from '@grafana/grafana-foundation-sdk/gauge';
import type * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import type * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import type * as text from '@grafana/grafana-foundation-sdk/text';

type Query = Omit<prometheus.Dataquery, '_implementsDataqueryVariant' | 'refId'> & { refId: string };

interface Fields<Custom> {
  defaults: Omit<dashboard.FieldConfig, 'custom'> & { custom?: Custom };
  overrides: dashboard.FieldConfigSource['overrides'];
}

type Shown = Omit<dashboard.Panel, 'type' | 'id' | 'title' | 'gridPos' | 'targets' | 'options' | 'fieldConfig'> & {
  id: number;
  title: string;
  gridPos: dashboard.GridPos;
};

type Charted<Type, Options, Custom> = Shown & {
  type: Type;
  targets: Query[];
  options: Options;
  fieldConfig: Fields<Custom>;
};

type AnyPanel =
  | Charted<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | Charted<'stat', stat.Options, {}>
  | Charted<'gauge', gauge.Options, {}>
  | Charted<'bargauge', bargauge.Options, {}>
  | Charted<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | Charted<'piechart', piechart.Options, piechart.FieldConfig>
  | (Shown & { type: 'text'; options: text.Options });

type Row = Omit<dashboard.RowPanel, 'title' | 'gridPos' | 'panels'> & {
  title: string;
  gridPos: dashboard.GridPos;
  panels: AnyPanel[];
};

export type Board = Omit<dashboard.Dashboard, 'panels' | 'uid' | 'title'> & {
  uid: string;
  title: string;
  panels: (AnyPanel | Row)[];
};
